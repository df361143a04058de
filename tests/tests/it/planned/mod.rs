//! Jobs that run by themselves, from the time that they are due to what the journal says of them.

mod clocks;
mod killed;
