mod bed;
mod jobs;
mod rows;
