mod bed;
mod jobs;
mod nightly;
mod rows;
