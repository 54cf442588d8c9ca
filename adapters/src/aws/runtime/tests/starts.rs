use super::*;
use crate::start::caught;

async fn started(
    mock: Mock,
    more: [(&str, &str); 1],
    init: impl Future<Output = Result<Dispatcher, Error>>,
) -> (Vec<Seen>, Option<RunError>) {
    let [more] = more;
    let environment = Environment::of([("AWS_LAMBDA_RUNTIME_API", mock.address()), more]);
    let (options, mut ended) = (Options::default(), None);
    let seen = mock
        .until_done(async {
            ended = run(&environment, &options, init).await.err();
            Ok(())
        })
        .await;
    (seen, ended)
}

#[tokio::test]
async fn a_start_that_fails_is_told_with_its_cause() {
    let fails = async { Err(Error::from("the database refuses us")) };
    let panics = caught(async { panic!("the database refuses us") });
    let nothing = ("AWS_REGION", "eu-west-1");
    for (seen, ended) in [
        started(Mock::new(), [nothing], fails).await,
        started(Mock::new(), [nothing], panics).await,
    ] {
        assert_eq!(seen[0].path, "/2018-06-01/runtime/init/error");
        let failure = seen[0].json();
        assert_eq!(failure["errorType"], "Runtime.InitError");
        assert!(
            failure["errorMessage"]
                .as_str()
                .unwrap()
                .contains("the database refuses us"),
            "{failure}"
        );
        assert!(
            seen[0]
                .head
                .contains("lambda-runtime-function-error-type: runtime.initerror\r\n")
        );
        assert!(matches!(ended, Some(RunError::Init(_))), "{ended:?}");
        let said = ended.map(|error| error.to_string()).unwrap_or_default();
        assert!(said.contains("the database refuses us"), "{said}");
        assert!(!said.contains("src/start.rs"), "{said}");
    }
}

#[tokio::test]
async fn a_wrong_setting_is_told_too() {
    let ready = async { Ok(Dispatcher::new(hello)) };
    let (seen, ended) = started(Mock::new(), [("ISOBAR_RESPONSE_MODE", "steam")], ready).await;
    let message = seen[0].json()["errorMessage"].clone();
    assert!(
        message.as_str().unwrap().contains("ISOBAR_RESPONSE_MODE"),
        "{message}"
    );
    assert!(matches!(ended, Some(RunError::Setting { .. })), "{ended:?}");
}

#[tokio::test]
async fn without_a_runtime_api_the_remedy_is_named() {
    let (environment, options) = (Environment::of([]), Options::default());
    let result = run(&environment, &options, async { Ok(Dispatcher::new(hello)) }).await;
    let text = result.unwrap_err().to_string();
    assert!(text.contains("AWS_LAMBDA_RUNTIME_API"), "{text}");
}

#[tokio::test]
async fn only_the_runtime_apis_own_variable_is_needed() {
    let ready = async { Ok(Dispatcher::new(hello)) };
    let mock = Mock::new().event(&event("/a"));
    let (seen, _) = started(mock, [("AWS_LAMBDA_MAX_CONCURRENCY", "many")], ready).await;
    assert_eq!(seen[0].json()["statusCode"], 200);
}
