mod bed;
mod deleted;
mod lists;
mod merging;
mod steps;
mod whole;
