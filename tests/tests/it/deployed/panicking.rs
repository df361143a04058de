//! A batch of which one message panics and one is not JSON, done by the batch loop itself: the work that panics is the test's.

use std::time::Duration;

use aws_sdk_sqs::types::{Message, MessageSystemAttributeName};
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

/// A stack whose mails are worked off in this process, and a business.
async fn begun(name: &str) -> (Stack, Worker, Services, SubscriptionId) {
    let mut stack = Stack::new(name, &[]).await.unwrap();
    let url = "http://127.0.0.1:1".to_owned();
    stack.known.insert("PublicUrl".to_owned(), url);
    let migrate = Functions::of(&stack, &[]).unwrap();
    let migrated = migrate.invoke("MigrateFunction", "{}".to_owned()).await;
    assert!(matches!(migrated.unwrap(), Invoked::Answer(_)));
    let worker = worker(&stack);
    let services = worker.services().await.unwrap();
    let shop = business(&services).await;
    (stack, worker, services, shop)
}

async fn send(stack: &Stack, body: &str) {
    let queue = stack.named("MailQueue").unwrap();
    let queues = aws_sdk_sqs::Client::new(&stack.cloud);
    let send = queues.send_message().queue_url(queue).message_body(body);
    send.send().await.unwrap();
}

/// Takes what is in the queue and works it off; what was taken, and ids of what is not done.
async fn work_off(stack: &Stack, worker: &Worker, attempt: u32) -> (Vec<Message>, Vec<String>) {
    let queues = aws_sdk_sqs::Client::new(&stack.cloud);
    let taken = queues
        .receive_message()
        .queue_url(stack.named("MailQueue").unwrap())
        .max_number_of_messages(10)
        .message_system_attribute_names(MessageSystemAttributeName::All);
    let taken = taken.send().await.unwrap().messages.unwrap_or_default();
    let records: Vec<Json> = taken
        .iter()
        .map(|message| {
            json!({
                "messageId": message.message_id(),
                "receiptHandle": message.receipt_handle(),
                "body": message.body(),
                "attributes": { "ApproximateReceiveCount": attempt.to_string() },
                "eventSourceARN": stack.named("MailQueue.Arn").unwrap(),
            })
        })
        .collect();
    let event = serde_json::from_value(json!({ "Records": records })).unwrap();
    let last_moment = worker.function.clock.now() + Duration::from_secs(60);
    let answer = batch::work(worker, strange, event, last_moment).await;
    let failed = answer.batch_item_failures.into_iter();
    (taken, failed.map(|one| one.item_identifier).collect())
}

async fn put_aside(stack: &Stack) -> usize {
    let queues = aws_sdk_sqs::Client::new(&stack.cloud);
    let dead = stack.named("MailDeadLetters").unwrap();
    let dead = queues.receive_message().queue_url(dead);
    let dead = dead.max_number_of_messages(10).send().await.unwrap();
    dead.messages.unwrap_or_default().len()
}

/// Reasons in the journal.
async fn told(services: &Services, shop: &SubscriptionId) -> Vec<String> {
    let journal = services.control.journal(shop);
    let entries = journal.list(&JournalFilter::default(), None, 10).await;
    let entries = entries.unwrap().items.into_iter();
    let told = entries.filter(|entry| entry.code == "work.put-aside");
    told.map(|entry| entry.details["error"].as_str().unwrap().to_owned())
        .collect()
}

#[tokio::test]
async fn a_message_that_panics_and_one_that_is_no_json_cost_their_neighbour_nothing() {
    let (stack, worker, services, shop) = begun("panicking").await;
    for body in [
        format!("panic {shop}"),
        "no JSON".to_owned(),
        format!("well {shop}"),
    ] {
        send(&stack, &body).await;
    }
    let (taken, failed) = work_off(&stack, &worker, 1).await;
    assert_eq!(taken.len(), 3);
    for message in &taken {
        let is_well = message.body().unwrap().starts_with("well");
        let named = failed.iter().any(|id| Some(&**id) == message.message_id());
        assert_eq!(named, !is_well, "{:?} of {failed:?}", message.body());
    }
    assert_eq!(put_aside(&stack).await, 2);
    let reasons = told(&services, &shop).await;
    assert_eq!(reasons, ["the work ended with a panic"]);
}

#[tokio::test]
async fn what_the_journal_cannot_be_told_of_is_put_aside_only_once_it_was_told() {
    let (stack, worker, services, shop) = begun("untold").await;
    send(&stack, &format!("panic {shop}")).await;
    let road = &stack.roads.database;
    road.refuse();
    road.cut();
    let (taken, failed) = work_off(&stack, &worker, 1).await;
    assert_eq!((taken.len(), failed.len()), (1, 1));
    assert_eq!(put_aside(&stack).await, 0);
    road.calm();
    // Its hiding is over.
    let show = aws_sdk_sqs::Client::new(&stack.cloud)
        .change_message_visibility()
        .queue_url(stack.named("MailQueue").unwrap())
        .visibility_timeout(0)
        .set_receipt_handle(taken[0].receipt_handle.clone());
    show.send().await.unwrap();
    let (taken, _) = work_off(&stack, &worker, 2).await;
    assert_eq!(taken.len(), 1);
    assert_eq!(put_aside(&stack).await, 1);
    let reasons = told(&services, &shop).await;
    assert_eq!(reasons, ["the work ended with a panic"]);
}
