use chrono::{DateTime, TimeDelta, Utc};

use super::{people::some, words};
use crate::model::{
    Attendance, Document, DocumentType, Draw, Entity, Money, Record, RecordService, Salon, Status,
};

impl Salon {
    /// Makes a record at `at` for a visit at `start`; none where nobody works or nothing is offered.
    pub(super) fn book(
        &mut self,
        draw: &mut Draw,
        at: DateTime<Utc>,
        start: DateTime<Utc>,
    ) -> Option<i64> {
        let staff_id = some(&self.staff, draw, |staff| {
            !staff.fired && staff.deleted.is_none()
        })?
        .id;
        let client_id = if draw.percent(92) {
            some(&self.clients, draw, |client| client.deleted.is_none()).map(|client| client.id)
        } else {
            None
        };
        let services = self.choose_services(draw, client_id);
        let length = services
            .iter()
            .filter_map(|line| self.services.get(line.id))
            .map(|s| s.duration)
            .sum();
        let user_id = self.users.at(draw.below(3)).map_or(0, |user| user.id);
        let online = draw.percent(35);
        let (id, visit_id) = (self.ids.take(), self.ids.take());
        let document = self.file(DocumentType::Visit, at, user_id, (id, visit_id), 0);
        let labels = some(&self.labels, draw, |label| {
            label.entity == 2 && !label.deleted
        });
        let labels = labels.map(|label| label.id).filter(|_| draw.percent(20));
        self.records.push(Record {
            id,
            staff_id,
            client_id,
            services,
            start,
            created: at,
            changed: at,
            length: if length == 0 { 3_600 } else { length },
            attendance: Attendance::Waiting,
            comment: if draw.percent(12) {
                draw.word(words::RECORD_COMMENTS)
            } else {
                ""
            },
            online,
            visit_id,
            created_user_id: if online { 0 } else { user_id },
            deleted: false,
            paid_full: false,
            labels: labels.into_iter().collect(),
            documents: vec![document],
            consumables: Vec::new(),
            sold: Vec::new(),
            payments: Vec::new(),
        });
        self.note(Entity::Record, id, Status::Create);
        Some(id)
    }

    /// One to three services, rarely none; with the client's discount.
    fn choose_services(&self, draw: &mut Draw, client_id: Option<i64>) -> Vec<RecordService> {
        let discount = client_id
            .and_then(|id| self.clients.get(id))
            .map_or(0, |client| client.discount);
        let count = match draw.below(100) {
            0..=2 => 0,
            3..=60 => 1,
            61..=88 => 2,
            _ => 3,
        };
        let mut lines: Vec<RecordService> = Vec::with_capacity(count);
        for _ in 0..count {
            let offered = some(&self.services, draw, |service| {
                service.active && service.deleted.is_none()
            });
            let Some(service) = offered else { continue };
            if lines.iter().any(|line| line.id == service.id) {
                continue;
            }
            lines.push(RecordService {
                id: service.id,
                first_cost: if draw.percent(30) {
                    service.price_max
                } else {
                    service.price_min
                },
                discount,
                amount: if service.price_min < Money::whole(200) {
                    draw.between(1, 5)
                } else {
                    1
                },
            });
        }
        lines
    }

    /// Makes a document of a record and its visit.
    pub(super) fn file(
        &mut self,
        kind: DocumentType,
        at: DateTime<Utc>,
        user_id: i64,
        (record_id, visit_id): (i64, i64),
        storage_id: i64,
    ) -> i64 {
        let id = self.ids.take();
        let number = i64::try_from(self.documents.len()).unwrap_or(0) + 1;
        self.documents.push(Document {
            id,
            kind,
            storage_id,
            user_id,
            number,
            comment: "",
            created: at,
            visit_id,
            record_id,
            deleted: None,
        })
    }

    /// Moves a record that still lies ahead to another time, sometimes to somebody else.
    pub(super) fn reschedule(&mut self, id: i64, draw: &mut Draw, at: DateTime<Utc>) -> Option<()> {
        let other = some(&self.staff, draw, |staff| {
            !staff.fired && staff.deleted.is_none()
        })?
        .id;
        let record = self.records.get_mut(id).filter(|record| record.is_open())?;
        record.start += TimeDelta::minutes(draw.between(-8, 60) * 15);
        if draw.percent(30) {
            record.staff_id = other;
        }
        record.changed = at;
        self.note(Entity::Record, id, Status::Update);
        Some(())
    }

    /// Confirms a record, marks it, or adds a remark.
    pub(super) fn touch(&mut self, id: i64, draw: &mut Draw, at: DateTime<Utc>) -> Option<()> {
        let label = some(&self.labels, draw, |label| {
            label.entity == 2 && !label.deleted
        })?
        .id;
        let record = self.records.get_mut(id).filter(|record| !record.deleted)?;
        match draw.below(3) {
            0 if record.is_open() => record.attendance = Attendance::Confirmed,
            1 if !record.labels.contains(&label) => record.labels.push(label),
            1 => record.labels.clear(),
            _ => record.comment = draw.word(words::RECORD_COMMENTS),
        }
        record.changed = at;
        self.note(Entity::Record, id, Status::Update);
        Some(())
    }

    /// The client did not come.
    pub(super) fn miss(&mut self, id: i64, at: DateTime<Utc>) -> Option<()> {
        let record = self.records.get_mut(id).filter(|record| record.is_open())?;
        (record.attendance, record.changed) = (Attendance::NoShow, at);
        let client_id = record.client_id;
        self.note(Entity::Record, id, Status::Update);
        if let Some(client) = client_id.and_then(|id| self.clients.get_mut(id)) {
            client.failed_visits += 1;
        }
        Some(())
    }

    /// Deletes a record; what was paid and used up goes with it.
    pub(super) fn remove_record(&mut self, id: i64, at: DateTime<Utc>) -> Option<()> {
        let record = self.records.get_mut(id).filter(|record| !record.deleted)?;
        (record.deleted, record.changed) = (true, at);
        let record = record.clone();
        for payment in record.payments {
            self.take_back_payment(payment, at);
        }
        for transaction in record.consumables.into_iter().chain(record.sold) {
            self.take_back_goods(transaction, at);
        }
        self.note(Entity::Record, id, Status::Delete);
        Some(())
    }
}

impl Record {
    /// Whether the visit is still expected.
    pub(super) const fn is_open(&self) -> bool {
        !self.deleted && matches!(self.attendance, Attendance::Waiting | Attendance::Confirmed)
    }
}
