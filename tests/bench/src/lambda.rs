//! AWS Lambda's Runtime API, as little of it as a program asks for.

use std::cell::RefCell;
use std::rc::Rc;
use std::time::{Duration, Instant};

use tokio::net::{TcpListener, TcpStream};
use tokio::sync::mpsc;

use crate::process::{Launch, Running};
use crate::stats::Problem;
use crate::wire::{Received, Wire};

/// How long an invocation, or a start, may take before the measurement gives up.
const PATIENCE: Duration = Duration::from_secs(120);

/// What a program did with an invocation.
#[derive(Debug)]
pub(crate) struct Answer {
    /// From the event's first byte to the answer's last.
    pub took: Duration,
    pub received: Received,
}

/// A Runtime API that one program polls.
#[derive(Debug)]
pub(crate) struct Api {
    pub address: String,
    events: mpsc::UnboundedSender<Rc<[u8]>>,
    answers: mpsc::UnboundedReceiver<Result<Answer, String>>,
    polled: mpsc::UnboundedReceiver<Instant>,
}

/// What the connections of one program share.
#[derive(Debug)]
struct Shared {
    events: tokio::sync::Mutex<mpsc::UnboundedReceiver<Rc<[u8]>>>,
    answers: mpsc::UnboundedSender<Result<Answer, String>>,
    polled: mpsc::UnboundedSender<Instant>,
    sent: RefCell<Instant>,
}

impl Api {
    pub(crate) async fn listen() -> Result<Self, Problem> {
        let listener = TcpListener::bind("127.0.0.1:0").await?;
        let address = listener.local_addr()?.to_string();
        let (events, wanted) = mpsc::unbounded_channel();
        let (told, answers) = mpsc::unbounded_channel();
        let (first, polled) = mpsc::unbounded_channel();
        let shared = Rc::new(Shared {
            events: tokio::sync::Mutex::new(wanted),
            answers: told,
            polled: first,
            sent: RefCell::new(Instant::now()),
        });
        tokio::task::spawn_local(async move {
            while let Ok((stream, _)) = listener.accept().await {
                tokio::task::spawn_local(serve(stream, Rc::clone(&shared)));
            }
        });
        Ok(Self {
            address,
            events,
            answers,
            polled,
        })
    }

    /// Gives a program the environment in which it polls here.
    pub(crate) fn around(&self, launch: Launch) -> Launch {
        launch
            .variable("AWS_LAMBDA_RUNTIME_API", &*self.address)
            .variable("AWS_LAMBDA_FUNCTION_NAME", "hello")
            .variable("AWS_LAMBDA_FUNCTION_VERSION", "$LATEST")
            .variable("AWS_LAMBDA_FUNCTION_MEMORY_SIZE", "1769")
            .variable("AWS_LAMBDA_INITIALIZATION_TYPE", "on-demand")
            .variable("AWS_LAMBDA_LOG_GROUP_NAME", "/aws/lambda/hello")
            .variable("AWS_LAMBDA_LOG_STREAM_NAME", "2026/01/01/[$LATEST]0")
            .variable("AWS_REGION", "eu-west-1")
            .variable("LAMBDA_TASK_ROOT", "/var/task")
            .variable("_HANDLER", "bootstrap")
    }

    /// When the program asked for its first invocation.
    pub(crate) async fn first_poll(&mut self, running: &mut Running) -> Result<Instant, Problem> {
        if let Ok(Some(at)) = tokio::time::timeout(PATIENCE, self.polled.recv()).await {
            return Ok(at);
        }
        running.lives()?;
        Err("the program never polled".into())
    }

    /// Delivers one event again and again, and returns how each was answered.
    pub(crate) async fn invoke(
        &mut self,
        event: &Rc<[u8]>,
        count: usize,
    ) -> Result<Vec<Answer>, Problem> {
        for _ in 0..count {
            self.events.send(Rc::clone(event))?;
        }
        let mut answers = Vec::with_capacity(count);
        while answers.len() < count {
            let answer = tokio::time::timeout(PATIENCE, self.answers.recv())
                .await
                .map_err(|_elapsed| "an invocation was not answered")?
                .ok_or("the Runtime API ended")??;
            answers.push(answer);
        }
        Ok(answers)
    }
}

/// The answer to a poll: the host's headers, and the event.
pub(crate) fn delivery(event: &[u8]) -> Rc<[u8]> {
    let head = format!(
        "HTTP/1.1 200 OK\r\n\
         content-type: application/json\r\n\
         lambda-runtime-aws-request-id: 8476a536-e9f4-11e8-9739-2dfe598c3fcd\r\n\
         lambda-runtime-deadline-ms: 33000000000000\r\n\
         lambda-runtime-invoked-function-arn: arn:aws:lambda:eu-west-1:123456789012:function:hello\r\n\
         lambda-runtime-trace-id: Root=1-5bef4de7-ad49b0e87f6ef6c87fc2e700;Parent=9a9197af755a6419;Sampled=0\r\n\
         content-length: {}\r\n\r\n",
        event.len()
    );
    [head.as_bytes(), event].concat().into()
}

async fn serve(stream: TcpStream, shared: Rc<Shared>) {
    if let Err(problem) = speak(stream, &shared).await {
        // who waits for an answer hears why there is none
        let _heard = shared.answers.send(Err(problem.to_string()));
    }
}

async fn speak(stream: TcpStream, shared: &Shared) -> Result<(), Problem> {
    const TAKEN: &[u8] = b"HTTP/1.1 202 Accepted\r\ncontent-type: application/json\r\n\
        content-length: 16\r\n\r\n{\"status\":\"OK\"}\n";
    const REGISTERED: &[u8] = b"HTTP/1.1 200 OK\r\nlambda-extension-identifier: 1\r\n\
        content-type: application/json\r\ncontent-length: 2\r\n\r\n{}";
    let mut wire = Wire::new(stream)?;
    while let Some(received) = wire.request().await? {
        let target = &*received.subject;
        if target.ends_with("/invocation/next") {
            let _heard = shared.polled.send(Instant::now());
            let Some(event) = shared.events.lock().await.recv().await else {
                return Ok(());
            };
            shared.sent.replace(Instant::now());
            wire.send(&event).await?;
        } else if target.ends_with("/response") {
            let took = shared.sent.borrow().elapsed();
            let _heard = shared.answers.send(Ok(Answer { took, received }));
            wire.send(TAKEN).await?;
        } else if target.ends_with("/extension/register") {
            wire.send(REGISTERED).await?;
        } else if target.ends_with("/extension/event/next") {
            // which comes with the end of the environment
            std::future::pending::<()>().await;
        } else {
            let text = String::from_utf8_lossy(&received.beginning);
            return Err(format!("the program said {target}: {text}").into());
        }
    }
    Ok(())
}
