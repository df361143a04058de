mod bed;
mod erasure;
mod jobs;
mod nightly;
mod people;
mod rows;
