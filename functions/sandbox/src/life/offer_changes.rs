use chrono::{DateTime, Utc};

use super::people::some;
use crate::model::{Draw, Entity, GoodsCategory, Money, RecordService, Salon, Service, Status};

impl Salon {
    /// A price or a length changes, a service is new, goes off the price list, or vanishes.
    pub(super) fn change_services(&mut self, draw: &mut Draw, at: DateTime<Utc>) -> Option<()> {
        let like = some(&self.services, draw, |service| service.deleted.is_none())?.clone();
        if draw.percent(20) {
            let id = self.ids.take();
            let title = format!("{} плюс", like.title);
            self.services.push(Service { id, title, ..like });
            self.note(Entity::Service, id, Status::Create);
            return Some(());
        }
        let service = self.services.get_mut(like.id)?;
        let status = match draw.below(10) {
            0 => {
                service.deleted = Some(at);
                Status::Delete
            }
            1 => {
                service.active = !service.active;
                Status::Update
            }
            2..=4 => {
                service.duration += 300;
                Status::Update
            }
            _ => {
                service.price_min += Money::whole(50);
                service.price_max += Money::whole(50);
                Status::Update
            }
        };
        self.note(Entity::Service, like.id, status);
        Some(())
    }

    /// Puts a service on the price list that is like another of its category, and makes a record of nothing else; the numbers
    /// of the service and of the record. Nothing where the category has none that it could be like.
    pub(crate) fn book_new_service(
        &mut self,
        draw: &mut Draw,
        category: i64,
        at: DateTime<Utc>,
    ) -> Option<(i64, i64)> {
        let mut services = self.services.iter();
        let like = services
            .find(|service| service.category_id == category && service.deleted.is_none())?
            .clone();
        let id = self.ids.take();
        let title = format!("{} новинка", like.title);
        let line = RecordService {
            id,
            first_cost: like.price_min,
            discount: 0,
            amount: 1,
        };
        self.services.push(Service {
            id,
            title,
            active: true,
            ..like
        });
        self.note(Entity::Service, id, Status::Create);
        let record = self.book(draw, at, at)?;
        self.records.get_mut(record)?.services = vec![line];
        Some((id, record))
    }

    /// Takes a service off the price list; records that name it stay.
    pub(crate) fn withdraw_service(&mut self, id: i64, at: DateTime<Utc>) {
        if let Some(service) = self.services.get_mut(id) {
            service.deleted = Some(at);
            self.note(Entity::Service, id, Status::Delete);
        }
    }

    /// Moves a service to another category; the records that name it stay as they are.
    pub(crate) fn move_service(&mut self, id: i64, category: i64) {
        if let Some(service) = self.services.get_mut(id) {
            service.category_id = category;
            self.note(Entity::Service, id, Status::Update);
        }
    }

    /// Things that change rarely: the company, the order of categories, labels, and storages.
    pub(super) fn change_furniture(&mut self, draw: &mut Draw, at: DateTime<Utc>) -> Option<()> {
        match draw.below(5) {
            0 => {
                self.company.phone =
                    format!("+7 495 000-{:02}-{:02}", draw.below(100), draw.below(100));
                self.company.changed = at;
                let id = self.company.id;
                self.note(Entity::Company, id, Status::Update);
            }
            1 => {
                let id = some(&self.service_categories, draw, |one| one.deleted.is_none())?.id;
                self.service_categories.get_mut(id)?.weight = draw.between(1, 30);
                self.note(Entity::ServiceCategory, id, Status::Update);
            }
            2 => {
                let id = some(&self.labels, draw, |one| !one.deleted)?.id;
                self.labels.get_mut(id)?.deleted = true;
            }
            3 => {
                let id = self.ids.take();
                let title = format!("Новинки {}", id % 100);
                self.goods_categories.push(GoodsCategory {
                    id,
                    title,
                    parent_id: 0,
                    deleted: None,
                });
            }
            _ => {
                let id = self.accounts.at(draw.below(3))?.id;
                self.accounts.get_mut(id)?.comment = "проверена";
            }
        }
        Some(())
    }
}
