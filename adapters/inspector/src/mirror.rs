//! One process tells another what it records: JSON lines over a connection of the loopback address.
//!
//! The program follows its own store, so that what comes faster than it can be told is passed over
//! and nothing waits. The first line is the word that only the two know.

use std::collections::HashSet;
use std::io::{BufWriter, Write};
use std::net::{SocketAddr, TcpStream};
use std::time::Duration;

use tokio::io::{AsyncBufReadExt, AsyncReadExt, BufReader};
use tokio::net::TcpListener;
use tokio::sync::watch;

use crate::{Record, Store};

/// So long changes are gathered before they are told.
const GATHERED: Duration = Duration::from_millis(15);

/// A line that is longer ends the connection.
const LINE: u64 = 32 << 20;

/// Tells what changes in a store, from a thread of its own, for as long as somebody listens.
///
/// # Errors
///
/// When nobody listens there, or the system gives no thread.
pub fn tell(store: Store, address: SocketAddr, word: &str) -> std::io::Result<()> {
    let stream = TcpStream::connect(address)?;
    stream.set_nodelay(true)?;
    let mut out = BufWriter::new(stream);
    writeln!(out, "{word}")?;
    out.flush()?;
    // before the thread is there something may come
    let changes = store.follow();
    let telling = move || {
        // who listened has gone: nobody wants to know any more
        let _gone = follow(&store, changes, &mut out);
    };
    let thread = std::thread::Builder::new().name("isobar-inspect".to_owned());
    thread.spawn(telling).map(drop)
}

fn follow(
    store: &Store,
    mut changes: watch::Receiver<u64>,
    out: &mut impl Write,
) -> std::io::Result<()> {
    let runtime = tokio::runtime::Builder::new_current_thread().build()?;
    let mut told = 0;
    loop {
        changes.mark_unchanged();
        let since = store.since(told, Record::clone);
        told = since.change;
        for record in since.changed {
            serde_json::to_writer(&mut *out, &record)?;
            out.write_all(b"\n")?;
        }
        writeln!(out, "{}", since.total)?;
        out.flush()?;
        if runtime.block_on(changes.changed()).is_err() {
            return Ok(());
        }
        std::thread::sleep(GATHERED);
    }
}

/// Takes what programs tell, until it is dropped.
pub async fn listen(store: Store, listener: TcpListener, word: String) {
    loop {
        // one that is gone before it is taken has nothing to tell
        let Ok((stream, _)) = listener.accept().await else {
            tokio::time::sleep(Duration::from_millis(100)).await;
            continue;
        };
        let (store, word) = (store.clone(), word.clone());
        drop(tokio::spawn(async move {
            let mut told = HashSet::new();
            let _how_it_ended = take(&store, stream, &word, &mut told).await;
            // what the program had begun it cannot end any more
            store.lose(|record| told.contains(&record.id));
        }));
    }
}

async fn take(
    store: &Store,
    stream: tokio::net::TcpStream,
    word: &str,
    told: &mut HashSet<String>,
) -> std::io::Result<()> {
    let mut reader = BufReader::new(stream);
    let mut line = String::new();
    (&mut reader).take(1024).read_line(&mut line).await?;
    if line.trim_end() != word {
        return Ok(());
    }
    // how many this program has told of, or said that it has not
    let mut known = 0;
    loop {
        line.clear();
        let length = (&mut reader).take(LINE).read_line(&mut line).await?;
        if length == 0 {
            return Ok(());
        }
        // how many there were in all
        if let Ok(total) = line.trim_end().parse::<u64>() {
            let missed = total.saturating_sub(known);
            known += missed;
            store.passed_over(missed);
            continue;
        }
        // another version's, or one that is too long
        let Ok(record) = serde_json::from_str::<Record>(&line) else {
            return Ok(());
        };
        if record.state == crate::State::Running {
            told.insert(record.id.clone());
        } else {
            told.remove(&record.id);
        }
        known += store.put(record);
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::State;

    fn record(id: &str, state: State) -> Record {
        Record {
            id: id.to_owned(),
            state,
            ..Record::default()
        }
    }

    async fn until(store: &Store, wanted: &[(&str, State)]) {
        let mut changes = store.follow();
        loop {
            let known = store.since(0, |record| (record.id.clone(), record.state));
            let known: Vec<_> = known.changed.iter().map(|(id, s)| (&**id, *s)).collect();
            if known == wanted {
                return;
            }
            changes.changed().await.unwrap();
        }
    }

    async fn listening() -> (Store, SocketAddr) {
        let (store, listener) = (Store::default(), TcpListener::bind("127.0.0.1:0").await);
        let listener = listener.unwrap();
        let address = listener.local_addr().unwrap();
        drop(tokio::spawn(listen(
            store.clone(),
            listener,
            "word".to_owned(),
        )));
        (store, address)
    }

    #[tokio::test]
    async fn what_a_store_gets_the_other_gets_too() {
        let (here, address) = listening().await;
        let there = Store::default();
        tell(there.clone(), address, "word").unwrap();
        there.put(record("a", State::Running));
        until(&here, &[("a", State::Running)]).await;
        there.put(record("b", State::Done));
        there.change("a", |record| record.state = State::Failed);
        until(&here, &[("a", State::Failed), ("b", State::Done)]).await;
    }

    #[tokio::test]
    async fn what_was_passed_over_is_counted() {
        let (here, address) = listening().await;
        let there = Store::default();
        for id in 0..1000 {
            there.put(record(&id.to_string(), State::Done));
        }
        tell(there, address, "word").unwrap();
        let mut changes = here.follow();
        while here.since(0, |_| ()).total < 1000 {
            changes.changed().await.unwrap();
        }
        assert_eq!(here.since(0, |_| ()).total, 1000);
    }

    #[tokio::test]
    async fn what_runs_when_the_program_ends_is_lost() {
        use tokio::io::AsyncWriteExt;
        let (here, address) = listening().await;
        let mut stream = tokio::net::TcpStream::connect(address).await.unwrap();
        let line = serde_json::to_string(&record("a", State::Running)).unwrap();
        stream
            .write_all(format!("word\n{line}\n").as_bytes())
            .await
            .unwrap();
        until(&here, &[("a", State::Running)]).await;
        drop(stream);
        until(&here, &[("a", State::Lost)]).await;
    }

    #[tokio::test]
    async fn who_does_not_know_the_word_is_not_heard() {
        use tokio::io::AsyncWriteExt;
        let (here, address) = listening().await;
        let mut stream = tokio::net::TcpStream::connect(address).await.unwrap();
        let line = serde_json::to_string(&record("a", State::Done)).unwrap();
        stream
            .write_all(format!("wrong\n{line}\n").as_bytes())
            .await
            .unwrap();
        let mut end = Vec::new();
        // it hangs up, with or without a reset
        let _closed = stream.read_to_end(&mut end).await;
        assert_eq!(here.since(0, |_| ()).total, 0);
    }
}
