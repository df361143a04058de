use askama::Template;

use super::{MAIL_FAILING, PlannerError, manage::zone_of};
use crate::{
    SubscriptionId,
    catalog::Locale,
    control::{
        AccountId, AccountMail, ControlError, JobRun, JobRunId, PlannedJob, Role, Subscription,
    },
    delivery::{About, Failed, hand_over, human},
    i18n::{Args, text, text_with},
    journal,
    ports::{Disposition, Mail},
    services::Services,
};

/// The sentences of the mail; the templates are those of the mail about a file that could not be made.
struct Words {
    language: &'static str,
    subject: String,
    greeting: String,
    body: String,
    again: String,
    link: String,
    sender: String,
}

#[derive(Template)]
#[template(path = "mail/failed.txt")]
struct Text<'a> {
    words: &'a Words,
}

#[derive(Template)]
#[template(path = "mail/failed.html")]
struct Html<'a> {
    words: &'a Words,
}

/// Mails every owner of the subscription, each in their language, that the job of this run keeps failing. Doing it again mails
/// those whom no mail was handed over for.
pub async fn send_failing_mail(
    services: &Services,
    subscription: &SubscriptionId,
    id: &JobRunId,
) -> Result<(), PlannerError> {
    let jobs = services.control.planned_jobs(subscription);
    let (run, job) = match jobs.get_run(id).await {
        Ok(run) => {
            let job = jobs.get(&run.job_id).await?;
            (run, job)
        }
        Err(ControlError::NotFound { .. }) => return Ok(()),
        Err(error) => return Err(error.into()),
    };
    let business = services.control.subscription(subscription).await?;
    let mut failed = Failed::none();
    for member in services.control.members(subscription).await? {
        if member.role == Role::Owner {
            let sent = tell(services, &business, &job, &run, &member.account_id).await;
            failed.note(sent, PlannerError::disposition);
        }
    }
    let failed = failed.result();
    if matches!(&failed, Err(error) if error.disposition() == Disposition::Retry) {
        return failed;
    }
    // An address that takes no mail takes none the next day either: everybody else was told.
    let mut tx = services.control.begin().await?;
    tx.planned_jobs(subscription).told(id).await?;
    tx.commit().await?;
    failed
}

async fn tell(
    services: &Services,
    business: &Subscription,
    job: &PlannedJob,
    run: &JobRun,
    owner: &AccountId,
) -> Result<(), PlannerError> {
    let owner = services.control.accounts().get(owner).await?;
    let jobs = ["s", business.id.as_str(), "jobs"];
    let link = services.settings.address(&jobs);
    let words = words(owner.locale, business, job, run, link.to_string());
    let mail = Mail {
        message_id: format!("job-{}-{}", run.id, owner.id),
        to: owner.email,
        subject: words
            .subject
            .split_whitespace()
            .collect::<Vec<_>>()
            .join(" "),
        text: Text { words: &words }.render()?,
        html: Html { words: &words }.render()?,
    };
    let about = AccountMail {
        subscription: business.id.clone(),
        account: owner.id,
        kind: MAIL_FAILING.to_owned(),
    };
    hand_over(services, &business.id, &mail, About::Account(&about)).await
}

fn words(
    locale: Locale,
    business: &Subscription,
    job: &PlannedJob,
    run: &JobRun,
    link: String,
) -> Words {
    let code = run.failure_code.as_deref().unwrap_or("job.gave-up");
    let reason = journal::reason(locale, code, run.failure_details.as_ref());
    let next = job.next_at.map_or_else(
        || text(locale, "mail-job-no-next"),
        |at| {
            let at = human::moment(locale, zone_of(business), at);
            text_with(locale, "mail-job-next", &Args::new().with("next", at))
        },
    );
    let body = Args::new()
        .with("job", job.name.as_str())
        .with("subscription", business.name.as_str())
        .with("count", job.failures)
        .with("reason", reason);
    Words {
        language: locale.code(),
        subject: text_with(
            locale,
            "mail-job-subject",
            &Args::new().with("job", job.name.as_str()),
        ),
        greeting: text(locale, "mail-greeting"),
        body: text_with(locale, "mail-job-failing", &body),
        again: next,
        link,
        sender: text(locale, "mail-sender"),
    }
}
