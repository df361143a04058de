//! The numbers of the plans are those of the deploy.

use serde_json::json;
use wynos_tests::lambda_host::Invoked;

use super::salon::{LISTS, Salon};

/// Tables of sources that the plan does not let in, and that nobody would try again now.
const REFUSED: &str = "SELECT count(*) FROM control.source_tables \
                       WHERE outcome = 'plan.rows-used' AND next_at > now() + interval '1 minute'";

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn plans_that_became_larger_take_effect_with_migrating() {
    let rows = ["WYNOS_TRIAL_ROWS", "WYNOS_STANDARD_ROWS"];
    let salon = Salon::told("plans", &rows.map(|name| (name, "5"))).await;
    let site = &salon.site;
    site.until("the limit of the plan", async |_| {
        salon.number(REFUSED).await > 0
    })
    .await;
    assert!(!salon.differences(&LISTS).await.is_empty());
    let functions = &site.host.functions;
    for name in rows {
        functions.tell(name, "unlimited");
    }
    // Whoever was told the old numbers and is at work would refuse once more.
    site.until("nobody at work", async |site| {
        site.waiting("PullQueue").await == 0 && functions.working("PullFunction").is_empty()
    })
    .await;
    assert!(salon.number(REFUSED).await > 0, "it was tried by itself");
    let migrated = functions.invoke("MigrateFunction", "{}".to_owned()).await;
    assert!(matches!(migrated.unwrap(), Invoked::Answer(_)));
    assert_eq!(salon.number(REFUSED).await, 0);
    // The tick asks for a source once in five minutes, which nobody waits for here.
    let pull = site.message("pull.run", json!({ "source": salon.source }));
    site.send("PullQueue", &pull).await;
    salon.equals(&LISTS).await;
    assert_eq!(site.waiting("PullDeadLetters").await, 0);
    salon.sandbox.stop().await;
}
