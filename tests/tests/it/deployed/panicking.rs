//! A batch of which one message panics and one is not JSON, done by the batch loop itself: the work that panics is the test's.

use std::time::Duration;

use aws_sdk_sqs::types::MessageSystemAttributeName;
use futures::{FutureExt, future::ready};
use serde_json::{Value as Json, json};
use wynos::{
    SubscriptionId,
    catalog::Locale,
    control::{NewAccount, NewSubscription, Password, Plan},
    journal::JournalFilter,
    services::Services,
};
use wynos_runtime::{
    Config, Function, Worker,
    batch::{self, Stranger},
};
use wynos_tests::lambda_host::{Functions, Invoked, Stack};

/// What the bodies `well SUBSCRIPTION` and `panic SUBSCRIPTION` lead to.
fn strange(_: Services, body: &str) -> Option<Stranger> {
    let (wish, subscription) = body.split_once(' ')?;
    let subscription: SubscriptionId = subscription.parse().ok()?;
    let panics = match wish {
        "well" => false,
        "panic" => true,
        _ => return None,
    };
    Some(Stranger {
        kind: "strange",
        owner: ready(Some(subscription)).boxed_local(),
        doing: async move {
            tokio::task::yield_now().await;
            assert!(!panics, "a mistake");
            Ok(())
        }
        .boxed_local(),
    })
}

fn worker(stack: &Stack) -> Worker {
    let environment = stack.environment("MailFunction").unwrap();
    let config = Config::read(|name| environment.get(name).cloned()).unwrap();
    Worker::new(Function::with("mail", config, stack.cloud.clone()))
}

async fn business(services: &Services) -> SubscriptionId {
    let business = NewSubscription {
        name: "Serwis".to_owned(),
        plan: Plan::Standard,
        locale: Locale::Pl,
        time_zone: "Europe/Warsaw".to_owned(),
        country: "PL".to_owned(),
        currency: "PLN".to_owned(),
        placement: "default".to_owned(),
    };
    let owner = NewAccount {
        email: "ola@example.pl".to_owned(),
        name: "Ola".to_owned(),
        locale: Locale::Pl,
        password: Password::hash("dobre hasło 1").await.unwrap(),
    };
    let (control, now) = (&services.control, services.clock.now());
    let made = control.create_first_owner(&business, &owner, now).await;
    made.unwrap().subscription.id
}

#[tokio::test]
async fn a_message_that_panics_and_one_that_is_no_json_cost_their_neighbour_nothing() {
    let mut stack = Stack::new("panicking", &[]).await.unwrap();
    let url = "http://127.0.0.1:1".to_owned();
    stack.known.insert("PublicUrl".to_owned(), url);
    let migrate = Functions::of(&stack, &[]).unwrap();
    let migrated = migrate.invoke("MigrateFunction", "{}".to_owned()).await;
    assert!(matches!(migrated.unwrap(), Invoked::Answer(_)));
    let worker = worker(&stack);
    let services = worker.services().await.unwrap();
    let shop = business(&services).await;

    let queues = aws_sdk_sqs::Client::new(&stack.cloud);
    let (queue, dead) = (
        stack.named("MailQueue").unwrap(),
        stack.named("MailDeadLetters").unwrap(),
    );
    let bodies = [
        format!("panic {shop}"),
        "no JSON".to_owned(),
        format!("well {shop}"),
    ];
    for body in &bodies {
        let send = queues.send_message().queue_url(queue).message_body(body);
        send.send().await.unwrap();
    }
    let taken = queues.receive_message().queue_url(queue);
    let taken = taken
        .max_number_of_messages(10)
        .message_system_attribute_names(MessageSystemAttributeName::All);
    let taken = taken.send().await.unwrap().messages.unwrap();
    assert_eq!(taken.len(), 3);
    let records: Vec<Json> = taken
        .iter()
        .map(|message| {
            json!({
                "messageId": message.message_id(),
                "receiptHandle": message.receipt_handle(),
                "body": message.body(),
                "attributes": { "ApproximateReceiveCount": "1" },
                "eventSourceARN": stack.named("MailQueue.Arn").unwrap(),
            })
        })
        .collect();
    let event = serde_json::from_value(json!({ "Records": records })).unwrap();
    let last_moment = services.clock.now() + Duration::from_secs(60);
    let answer = batch::work(&worker, strange, event, last_moment).await;

    let failed = answer.batch_item_failures.into_iter();
    let failed: Vec<String> = failed.map(|one| one.item_identifier).collect();
    for message in &taken {
        let is_well = message.body().unwrap().starts_with("well");
        let named = failed.iter().any(|id| Some(&**id) == message.message_id());
        assert_eq!(named, !is_well, "{:?} of {failed:?}", message.body());
    }
    let put_aside = queues.receive_message().queue_url(dead);
    let put_aside = put_aside.max_number_of_messages(10).send().await;
    assert_eq!(put_aside.unwrap().messages.unwrap().len(), 2);
    let journal = services.control.journal(&shop);
    let told = journal.list(&JournalFilter::default(), None, 10).await;
    let told = told.unwrap().items;
    let told = told.iter().find(|entry| entry.code == "work.put-aside");
    let reason = &told.unwrap().details["error"];
    assert_eq!(reason, "the work ended with a panic");
}
