mod bed;
mod lists;
mod merging;
mod steps;
mod whole;
