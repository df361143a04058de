//! The system as it is deployed: the template's queues, the functions' real binaries, a PostgreSQL, a local AWS.

mod events;
mod journeys;
mod policies;
mod site;
mod template;
mod unhappy;
