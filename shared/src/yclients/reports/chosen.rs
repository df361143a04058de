use serde_json::Value as Json;

use super::{Path, Step};
use crate::yclients::streams::is_positions;

/// A record with only these fields, each where it was; all of it where none are chosen.
pub fn chosen(record: &Json, fields: &[Path]) -> Json {
    if fields.is_empty() || fields.iter().any(Path::is_root) {
        return record.clone();
    }
    let rests: Vec<&[Step]> = fields.iter().map(Path::steps).collect();
    prune(record, &rests)
}

/// Where an array stands in the place of an object, what was chosen of that is kept of each element; where an object stands in
/// the place of an array, of that one: a field that changes its shape is not lost.
fn prune(value: &Json, rests: &[&[Step]]) -> Json {
    if rests.iter().any(|rest| rest.is_empty()) {
        return value.clone();
    }
    let of_elements = || -> Vec<&[Step]> {
        let rests = rests.iter().map(|rest| match rest.split_first() {
            Some((Step::Each, inner)) => inner,
            _ => *rest,
        });
        rests.collect()
    };
    match value {
        Json::Array(items) => {
            let inner = of_elements();
            Json::Array(items.iter().map(|item| prune(item, &inner)).collect())
        }
        Json::Object(object) => {
            let each = rests
                .iter()
                .any(|rest| matches!(rest.first(), Some(Step::Each)));
            if each && is_positions(object.keys()) {
                let inner = of_elements();
                let kept = object
                    .iter()
                    .map(|(position, item)| (position.clone(), prune(item, &inner)));
                return Json::Object(kept.collect());
            }
            if each {
                return prune(value, &of_elements());
            }
            let kept = object.iter().filter_map(|(name, value)| {
                let inner: Vec<&[Step]> = rests
                    .iter()
                    .filter_map(|rest| match rest.split_first() {
                        Some((Step::Field(field), inner)) if field == name => Some(inner),
                        _ => None,
                    })
                    .collect();
                (!inner.is_empty()).then(|| (name.clone(), prune(value, &inner)))
            });
            Json::Object(kept.collect())
        }
        other => other.clone(),
    }
}
