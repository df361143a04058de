//! The system as it is deployed: the template's queues, the functions' real binaries, a PostgreSQL, a local AWS.

mod events;
mod hands;
mod journeys;
mod planned;
mod policies;
mod refused;
mod salon;
mod site;
mod template;
mod unhappy;
mod vendor;
