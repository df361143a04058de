//! The views for analysis, asked as a program for reports would ask them.

use wynos::{
    catalog,
    warehouse::{Admit, Load, Rows, Rule, Value, Write},
};
