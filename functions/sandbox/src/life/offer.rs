use chrono::{DateTime, Utc};

use super::words;
use crate::model::{
    Draw, Exact, Good, GoodsCategory, Money, Quantity, Salon, Service, ServiceCategory,
};

/// Puts categories of goods, two of them within another, and some 250 goods on the shelves.
pub(super) fn goods(salon: &mut Salon, draw: &mut Draw, at: DateTime<Utc>) {
    let mut first_category = 0;
    for (index, (title, kinds)) in words::GOODS.iter().enumerate() {
        let id = salon.ids.take();
        if index == 0 {
            first_category = id;
        }
        let parent_id = if index > 3 { first_category } else { 0 };
        salon.goods_categories.push(GoodsCategory {
            id,
            title: (*title).to_owned(),
            parent_id,
            deleted: None,
        });
        for (kind, price) in kinds.iter().copied() {
            for brand in words::BRANDS {
                let good = good(salon, draw, (kind, brand, price), id, at);
                salon.goods.push(good);
            }
        }
    }
}

fn good(
    salon: &mut Salon,
    draw: &mut Draw,
    (kind, brand, roubles): (&str, &str, i64),
    category_id: i64,
    at: DateTime<Utc>,
) -> Good {
    let liquid = draw.percent(40);
    let cost = Exact(roubles * draw.between(60, 180)) + Money::whole(draw.between(0, 3));
    let storages: Vec<i64> = salon.storages.iter().map(|storage| storage.id).collect();
    let amounts = storages
        .into_iter()
        .take(draw.below(3))
        .map(|storage| (storage, Quantity::whole(draw.between(0, 40))))
        .collect();
    Good {
        id: salon.ids.take(),
        title: format!("{kind} {brand}"),
        article: if draw.percent(70) {
            format!("A-{:05}", draw.below(100_000))
        } else {
            String::new()
        },
        barcode: if draw.percent(50) {
            format!("46{:011}", draw.below(99_999_999))
        } else {
            String::new()
        },
        category_id,
        cost,
        actual_cost: cost.less_percent(draw.between(30, 60)),
        unit: &words::PIECE,
        service_unit: if liquid {
            &words::MILLILITRE
        } else {
            &words::GRAM
        },
        unit_equals: draw.between(1, 25) * 20,
        amounts,
        critical_amount: Quantity::whole(draw.between(0, 3)),
        desired_amount: Quantity::whole(draw.between(0, 20)),
        changed: at,
        deleted: None,
    }
}

/// Puts categories of services and their services on the price list; each takes some of the goods.
pub(super) fn services(salon: &mut Salon, draw: &mut Draw) {
    for (index, (title, services)) in words::SERVICES.iter().enumerate() {
        let category_id = salon.ids.take();
        let weight = i64::try_from(index).unwrap_or(0) + 1;
        salon.service_categories.push(ServiceCategory {
            id: category_id,
            title,
            weight,
            deleted: None,
        });
        for service in services.iter().copied() {
            let service = service_of(salon, draw, service, category_id);
            salon.services.push(service);
        }
    }
}

fn service_of(
    salon: &mut Salon,
    draw: &mut Draw,
    (title, roubles, minutes): (&str, i64, i64),
    category_id: i64,
) -> Service {
    let price_min = Money::whole(roubles + draw.between(0, 5) * 50);
    let duration = minutes * 60;
    let staff = salon
        .staff
        .iter()
        .filter(|_| draw.percent(60))
        .map(|staff| (staff.id, duration + staff.id % 2 * 900))
        .collect();
    let mut consumables: Vec<(i64, Quantity)> = (0..draw.below(3))
        .filter_map(|_| salon.goods.at(draw.below(salon.goods.len())))
        .map(|good| {
            (
                good.id,
                Exact(1_000_000 * (1 + good.id % 30) + 250_000 * (good.id % 4)),
            )
        })
        .collect();
    consumables.dedup_by_key(|(good, _)| *good);
    Service {
        id: salon.ids.take(),
        title: title.to_owned(),
        category_id,
        price_min,
        price_max: if draw.percent(40) {
            price_min + Money::whole(500)
        } else {
            price_min
        },
        duration,
        weight: draw.between(1, 20),
        active: !draw.percent(5),
        staff,
        consumables,
        deleted: None,
    }
}
