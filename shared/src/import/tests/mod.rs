mod basic;
mod bed;
mod deleted;
mod lists;
mod merging;
mod same_key;
mod steps;
mod whole;
