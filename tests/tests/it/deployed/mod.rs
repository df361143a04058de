//! The system as it is deployed: the template's queues, the functions' real binaries, a PostgreSQL, a local AWS.

mod alarms;
mod away;
mod deploying;
mod events;
mod hands;
mod journeys;
mod migrating;
mod network;
mod panicking;
mod planned;
mod plans;
mod policies;
mod refused;
mod rotated;
mod salon;
mod site;
mod template;
mod told;
mod unhappy;
mod vendor;
mod wiring;
mod without_lambda;
