use chrono::{DateTime, Utc};

use super::people::some;
use crate::model::{
    DocumentType, Draw, Entity, Exact, Good, GoodsOperation, GoodsTransaction, Money, Price,
    Quantity, Salon, Status,
};

impl Salon {
    /// Goods come in, go over the counter without a visit, or are written off: one document, one to four lines.
    pub(super) fn move_goods(&mut self, draw: &mut Draw, at: DateTime<Utc>) -> Option<()> {
        let (kind, of_kind) = match draw.below(10) {
            0..=5 => (GoodsOperation::Sale, DocumentType::Sale),
            6..=8 => (GoodsOperation::Receipt, DocumentType::Receipt),
            _ => (GoodsOperation::WriteOff, DocumentType::WriteOff),
        };
        let user_id = self.users.at(draw.below(3)).map_or(0, |user| user.id);
        let storage_id = self.storage(false);
        let document_id = self.file(of_kind, at, user_id, (0, 0), storage_id);
        let client = some(&self.clients, draw, |client| client.deleted.is_none())
            .map_or(0, |client| client.id);
        let supplier = self
            .suppliers
            .at(draw.below(3))
            .map_or(0, |supplier| supplier.id);
        let seller = some(&self.staff, draw, |staff| {
            !staff.fired && staff.deleted.is_none()
        })
        .map_or(0, |staff| staff.id);
        let (is_sale, is_receipt) = (
            kind == GoodsOperation::Sale,
            kind == GoodsOperation::Receipt,
        );
        for _ in 0..draw.between(1, 4) {
            let good = some(&self.goods, draw, |good| good.deleted.is_none())?;
            let (good_id, price) = (good.id, if is_sale { good.cost } else { good.actual_cost });
            let count = draw.between(1, if is_receipt { 20 } else { 3 });
            let discount = if is_sale { draw.between(0, 3) * 5 } else { 0 };
            let transaction = self.transaction(kind, document_id, at);
            self.enter_goods(GoodsTransaction {
                good_id,
                storage_id,
                amount: Quantity::whole(if is_receipt { count } else { -count }),
                cost_per_unit: price.price(),
                discount,
                cost: price.less_percent(discount) * count,
                master_id: if is_sale { seller } else { 0 },
                supplier_id: if is_receipt { supplier } else { 0 },
                client_id: if is_sale { client } else { 0 },
                user_id,
                ..transaction
            });
        }
        Some(())
    }

    /// A new good on the shelf, another price, or one taken off.
    pub(super) fn change_goods(&mut self, draw: &mut Draw, at: DateTime<Utc>) -> Option<()> {
        let like = some(&self.goods, draw, |good| good.deleted.is_none())?.clone();
        if draw.percent(30) {
            let id = self.ids.take();
            let title = format!("{} № {}", like.title, id % 1_000);
            self.goods.push(Good {
                id,
                title,
                amounts: Vec::new(),
                changed: at,
                ..like
            });
            self.note(Entity::Good, id, Status::Create);
            return Some(());
        }
        let good = self.goods.get_mut(like.id)?;
        good.changed = at;
        let status = if draw.percent(15) {
            good.deleted = Some(at);
            Status::Delete
        } else {
            good.cost += Money::whole(draw.between(1, 5) * 10);
            Status::Update
        };
        self.note(Entity::Good, like.id, status);
        Some(())
    }

    /// Corrects the remark of a movement that belongs to no record, or deletes it.
    pub(super) fn correct_goods(&mut self, draw: &mut Draw, at: DateTime<Utc>) -> Option<()> {
        let found = some(&self.goods_transactions, draw, |one| {
            one.deleted.is_none() && one.record_id == 0
        })?;
        let (id, entity) = (found.id, Entity::Goods(found.kind));
        if draw.percent(40) {
            self.take_back_goods(id, at);
            return Some(());
        }
        let transaction = self.goods_transactions.get_mut(id)?;
        (transaction.comment, transaction.changed) = ("пересчитано", at);
        self.note(entity, id, Status::Update);
        Some(())
    }

    /// Marks a movement deleted and undoes it on the shelf.
    pub(crate) fn take_back_goods(&mut self, id: i64, at: DateTime<Utc>) {
        let Some(one) = self
            .goods_transactions
            .get_mut(id)
            .filter(|one| one.deleted.is_none())
        else {
            return;
        };
        (one.deleted, one.changed) = (Some(at), at);
        let undone = GoodsTransaction {
            amount: -one.amount,
            ..one.clone()
        };
        self.note(Entity::Goods(undone.kind), id, Status::Delete);
        self.shelve(&undone, at);
    }

    /// A movement of nothing yet.
    pub(super) const fn transaction(
        &mut self,
        kind: GoodsOperation,
        document_id: i64,
        at: DateTime<Utc>,
    ) -> GoodsTransaction {
        GoodsTransaction {
            id: self.ids.take(),
            document_id,
            kind,
            good_id: 0,
            storage_id: 0,
            amount: Quantity::ZERO,
            service_unit: false,
            cost_per_unit: Price::ZERO,
            discount: 0,
            cost: Money::ZERO,
            master_id: 0,
            supplier_id: 0,
            client_id: 0,
            record_id: 0,
            service_id: 0,
            user_id: 0,
            comment: "",
            created: at,
            changed: at,
            deleted: None,
        }
    }

    pub(super) fn enter_goods(&mut self, transaction: GoodsTransaction) -> i64 {
        self.shelve(&transaction, transaction.created);
        let kind = transaction.kind;
        let id = self.goods_transactions.push(transaction);
        self.note(Entity::Goods(kind), id, Status::Create);
        id
    }

    /// What a movement does to the amount in its storage; the good counts as changed.
    fn shelve(&mut self, transaction: &GoodsTransaction, at: DateTime<Utc>) {
        let Some(good) = self
            .goods
            .get_mut(transaction.good_id)
            .filter(|good| good.deleted.is_none())
        else {
            return;
        };
        let amount = if transaction.service_unit {
            Exact(transaction.amount.0 / good.unit_equals.max(1))
        } else {
            transaction.amount
        };
        match good
            .amounts
            .iter_mut()
            .find(|(storage, _)| *storage == transaction.storage_id)
        {
            Some((_, kept)) => *kept += amount,
            None => good.amounts.push((transaction.storage_id, amount)),
        }
        good.changed = good.changed.max(at);
        let id = good.id;
        self.note(Entity::Good, id, Status::Update);
    }
}
