use crate::yclients::streams;

/// What a table needs from another one, and whether it has it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Need {
    /// The table that is needed.
    pub on: String,
    /// For the whole table, or only for this column, which stays empty without it.
    pub for_column: Option<&'static str>,
    /// Whether the needed table is loaded.
    pub met: bool,
}

/// What a table needs, given which tables are loaded.
pub fn needs(table: &str, is_on: impl Fn(&str) -> bool) -> Vec<Need> {
    streams::dependencies(table)
        .into_iter()
        .map(|needed| Need {
            on: needed.on.to_owned(),
            for_column: needed.for_column,
            met: is_on(needed.on),
        })
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_missing_is_told() {
        let found = needs("yclients_records", |table| table != "yclients_services");
        assert_eq!(
            found,
            [Need {
                on: "yclients_services".to_owned(),
                for_column: Some("service_category_ids"),
                met: false
            }]
        );
        let lines = needs("yclients_record_services", |_| true);
        assert!(
            lines
                .iter()
                .any(|need| need.on == "yclients_records" && need.met)
        );
    }
}
