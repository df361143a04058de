//! What a deploy does before anything is new: `scripts/migrate.py` against an AWS that notes what it is asked.

use std::{
    net::Ipv4Addr,
    process::Output,
    sync::{Arc, Mutex},
};

use axum::{
    Router,
    body::Bytes,
    extract::State,
    http::{Method, Uri},
    response::{IntoResponse, Response},
};
use tokio::{net::TcpListener, process::Command};
use wynos_tests::{aws, project};

/// An AWS with one stack, whose function may fail.
#[derive(Debug, Clone, Default)]
struct Noting {
    is_there: bool,
    fails: bool,
    asked: Arc<Mutex<Vec<String>>>,
}

async fn answer(State(aws): State<Noting>, method: Method, uri: Uri, body: Bytes) -> Response {
    let body = String::from_utf8_lossy(&body).into_owned();
    if body.contains("DescribeStackResource") {
        return if aws.is_there {
            "<DescribeStackResourceResponse><DescribeStackResourceResult><StackResourceDetail>\
             <PhysicalResourceId>real-migrate</PhysicalResourceId><ResourceStatus>UPDATE_COMPLETE</ResourceStatus>\
             </StackResourceDetail></DescribeStackResourceResult></DescribeStackResourceResponse>"
                .into_response()
        } else {
            let error = "<ErrorResponse><Error><Type>Sender</Type><Code>ValidationError</Code>\
                         <Message>Stack 'wynos' does not exist</Message></Error></ErrorResponse>";
            (axum::http::StatusCode::BAD_REQUEST, error).into_response()
        };
    }
    let what = uri.path().rsplit('/').next().unwrap().to_owned();
    if method == Method::PUT {
        assert!(body.contains("arm64") && body.contains("ZipFile"), "{body}");
    }
    aws.asked.lock().unwrap().push(what.clone());
    match what.as_str() {
        "invocations" if aws.fails => (
            [("x-amz-function-error", "Unhandled")],
            r#"{"errorMessage":"the tables are locked"}"#,
        )
            .into_response(),
        "invocations" => r#"{"migrated":true,"setup_url":null}"#.into_response(),
        "real-migrate" => r#"{"Configuration":{"LastUpdateStatus":"Successful"}}"#.into_response(),
        _ => r#"{"Architectures":["arm64"],"LastUpdateStatus":"Successful"}"#.into_response(),
    }
}

async fn migrate(aws: &Noting, folder: Option<&str>) -> Output {
    let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).await.unwrap();
    let endpoint = format!("http://{}", listener.local_addr().unwrap());
    let router = Router::new().fallback(answer).with_state(aws.clone());
    let serving = tokio::spawn(axum::serve(listener, router).into_future());
    let mut command = Command::new(aws::python().unwrap());
    command
        .arg(project::root().join("scripts/migrate.py"))
        .arg("wynos")
        .args(folder)
        .env("AWS_ENDPOINT_URL", endpoint)
        .env("AWS_REGION", aws::REGION)
        .env("AWS_ACCESS_KEY_ID", aws::ACCESS_KEY)
        .env("AWS_SECRET_ACCESS_KEY", aws::SECRET_KEY);
    let output = command.output().await.unwrap();
    serving.abort();
    output
}

fn said(output: &Output) -> String {
    let all = [output.stdout.as_slice(), &output.stderr].concat();
    String::from_utf8_lossy(&all).into_owned()
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn tables_are_new_before_anything_else_and_a_migration_that_fails_fails_the_deploy() {
    let built = tempfile::tempdir().unwrap();
    std::fs::write(built.path().join("bootstrap"), "new").unwrap();
    let folder = built.path().to_str();

    let nothing = Noting::default();
    let output = migrate(&nothing, folder).await;
    assert!(output.status.success(), "{}", said(&output));
    assert!(nothing.asked.lock().unwrap().is_empty());
    assert!(!migrate(&nothing, None).await.status.success());

    let there = Noting {
        is_there: true,
        ..Noting::default()
    };
    let output = migrate(&there, folder).await;
    assert!(output.status.success(), "{}", said(&output));
    assert!(said(&output).contains("\"migrated\": true"));
    let asked = there.asked.lock().unwrap().clone();
    let order = ["configuration", "code", "real-migrate", "invocations"];
    assert_eq!(asked, order);

    let failing = Noting {
        is_there: true,
        fails: true,
        ..Noting::default()
    };
    let output = migrate(&failing, None).await;
    assert_eq!(output.status.code(), Some(1));
    assert!(
        said(&output).contains("the tables are locked"),
        "{}",
        said(&output)
    );
}
