mod bed;
mod lists;
mod merging;
mod whole;
