use chrono::{DateTime, Utc};

use super::{people::some, words};
use crate::model::{
    Attendance, DocumentType, Draw, Entity, Exact, Expense, FinanceTransaction, GoodsOperation,
    Money, Quantity, Record, Salon, Status,
};

/// Who pays what for which part of a record.
struct Payment {
    expense: &'static Expense,
    amount: Money,
    sold_item: (i64, &'static str),
}

impl Salon {
    /// The client came: what the services used up is written off, sometimes something is sold, mostly it is paid.
    pub(super) fn complete(&mut self, id: i64, draw: &mut Draw, at: DateTime<Utc>) -> Option<()> {
        let mut record = self
            .records
            .get(id)
            .filter(|record| record.is_open())?
            .clone();
        record.attendance = Attendance::Came;
        self.use_up(&mut record, draw, at);
        if draw.percent(10) {
            self.sell_within(&mut record, draw, at);
        }
        if draw.percent(88) {
            self.pay(&mut record, draw, at);
        }
        record.changed = at;
        self.credit_visit(&record, at);
        *self.records.get_mut(id)? = record;
        self.note(Entity::Record, id, Status::Update);
        Some(())
    }

    fn use_up(&mut self, record: &mut Record, draw: &mut Draw, at: DateTime<Utc>) {
        let user_id = record.created_user_id;
        let mut document_id = 0;
        for line in record.services.clone() {
            let Some(service) = self.services.get(line.id) else {
                continue;
            };
            for (good_id, amount) in service.consumables.clone() {
                if draw.percent(40) {
                    continue;
                }
                let Some(good) = self.goods.get(good_id) else {
                    continue;
                };
                let (price, storage_id) = (good.unit_actual_cost(), self.storage(true));
                if document_id == 0 {
                    let of = (record.id, record.visit_id);
                    document_id = self.file(DocumentType::Consumables, at, user_id, of, storage_id);
                    record.documents.push(document_id);
                }
                let transaction = self.transaction(GoodsOperation::Consumable, document_id, at);
                let id = self.enter_goods(crate::model::GoodsTransaction {
                    good_id,
                    storage_id,
                    amount: -amount,
                    service_unit: true,
                    cost_per_unit: price,
                    cost: price.times(amount),
                    master_id: record.staff_id,
                    record_id: record.id,
                    service_id: line.id,
                    user_id,
                    ..transaction
                });
                record.consumables.push(id);
            }
        }
    }

    fn sell_within(&mut self, record: &mut Record, draw: &mut Draw, at: DateTime<Utc>) {
        let Some(good) = some(&self.goods, draw, |good| good.deleted.is_none()) else {
            return;
        };
        let (good_id, price, discount) = (good.id, good.cost, draw.between(0, 2) * 5);
        let document_id = record.documents.first().copied().unwrap_or(0);
        let transaction = self.transaction(GoodsOperation::Sale, document_id, at);
        let id = self.enter_goods(crate::model::GoodsTransaction {
            good_id,
            storage_id: self.storage(false),
            amount: Quantity::whole(-1),
            cost_per_unit: price.price(),
            discount,
            cost: price.less_percent(discount),
            master_id: record.staff_id,
            client_id: record.client_id.unwrap_or(0),
            record_id: record.id,
            user_id: record.created_user_id,
            ..transaction
        });
        record.sold.push(id);
    }

    fn pay(&mut self, record: &mut Record, draw: &mut Draw, at: DateTime<Utc>) {
        let account_id = self
            .accounts
            .at(draw.below(2))
            .map_or(0, |account| account.id);
        let services = record.services.iter().map(|line| Payment {
            expense: &words::SERVICES_INCOME,
            amount: line.cost(),
            sold_item: (line.id, "service"),
        });
        let goods = record
            .sold
            .iter()
            .filter_map(|id| self.goods_transactions.get(*id))
            .map(|sold| Payment {
                expense: &words::GOODS_INCOME,
                amount: sold.cost,
                sold_item: (sold.id, "goods_transaction"),
            });
        let payments: Vec<Payment> = services.chain(goods).collect();
        let document_id = record.documents.first().copied().unwrap_or(0);
        for payment in payments {
            let transaction = self.payment(payment.expense, payment.amount, account_id, at);
            let id = self.enter_payment(FinanceTransaction {
                document_id,
                master_id: record.staff_id,
                client_id: record.client_id.unwrap_or(0),
                record_id: record.id,
                visit_id: record.visit_id,
                sold_item_id: payment.sold_item.0,
                sold_item_type: payment.sold_item.1,
                ..transaction
            });
            record.payments.push(id);
        }
        record.paid_full = true;
    }

    fn credit_visit(&mut self, record: &Record, at: DateTime<Utc>) {
        let sold = record
            .sold
            .iter()
            .filter_map(|id| self.goods_transactions.get(*id));
        let cost = record
            .services
            .iter()
            .map(|line| line.cost())
            .sum::<Money>()
            + sold.map(|sold| sold.cost).sum::<Money>();
        let Some(client) = record.client_id.and_then(|id| self.clients.get_mut(id)) else {
            return;
        };
        client.visits += 1;
        client.spent += cost;
        if record.paid_full {
            client.paid += cost;
        }
        if client.deleted.is_none() {
            client.changed = client.changed.max(at);
            let id = client.id;
            self.note(Entity::Client, id, Status::Update);
        }
    }

    /// Money that comes or goes without a visit: wages, rent, other income.
    pub(super) fn other_payment(&mut self, draw: &mut Draw, at: DateTime<Utc>) -> Option<()> {
        let account_id = self.accounts.at(draw.below(3))?.id;
        let roubles = draw.between(100, 40_000);
        let kopecks = Exact(roubles * 100 + draw.between(0, 99));
        let (expense, amount) = match draw.below(4) {
            0 => (&words::OTHER_INCOME, kopecks),
            1 => (&words::SALARY, Money::whole(-roubles)),
            2 => (&words::GOODS_PURCHASE, -kopecks),
            _ => (&words::OTHER_EXPENSE, -kopecks),
        };
        let transaction = self.payment(expense, amount, account_id, at);
        let staff =
            some(&self.staff, draw, |staff| staff.deleted.is_none()).map_or(0, |staff| staff.id);
        let supplier = self
            .suppliers
            .at(draw.below(3))
            .map_or(0, |supplier| supplier.id);
        self.enter_payment(FinanceTransaction {
            master_id: if expense.id == words::SALARY.id {
                staff
            } else {
                0
            },
            supplier_id: if expense.id == words::GOODS_PURCHASE.id {
                supplier
            } else {
                0
            },
            comment: if draw.percent(40) {
                "за прошлый месяц"
            } else {
                ""
            },
            ..transaction
        });
        Some(())
    }

    /// Corrects the amount or the remark of a payment, or deletes one.
    pub(super) fn correct_payment(&mut self, draw: &mut Draw, at: DateTime<Utc>) -> Option<()> {
        let found = some(&self.finance_transactions, draw, |one| {
            one.deleted.is_none() && one.record_id == 0
        })?;
        let id = found.id;
        if draw.percent(40) {
            self.take_back_payment(id, at);
            return Some(());
        }
        let transaction = self.finance_transactions.get_mut(id)?;
        transaction.amount += Exact(draw.between(1, 500));
        transaction.comment = "исправлено";
        transaction.changed = at;
        self.note(Entity::Finance, id, Status::Update);
        Some(())
    }

    /// Marks a payment deleted.
    pub(super) fn take_back_payment(&mut self, id: i64, at: DateTime<Utc>) {
        let Some(one) = self
            .finance_transactions
            .get_mut(id)
            .filter(|one| one.deleted.is_none())
        else {
            return;
        };
        (one.deleted, one.changed) = (Some(at), at);
        self.note(Entity::Finance, id, Status::Delete);
    }

    /// A payment without anything it is for.
    fn payment(
        &mut self,
        expense: &'static Expense,
        amount: Money,
        account_id: i64,
        at: DateTime<Utc>,
    ) -> FinanceTransaction {
        FinanceTransaction {
            id: self.ids.take(),
            document_id: 0,
            expense,
            date: at,
            amount,
            comment: "",
            master_id: 0,
            supplier_id: 0,
            account_id,
            client_id: 0,
            record_id: 0,
            visit_id: 0,
            sold_item_id: 0,
            sold_item_type: "",
            changed: at,
            deleted: None,
        }
    }

    fn enter_payment(&mut self, transaction: FinanceTransaction) -> i64 {
        let id = self.finance_transactions.push(transaction);
        self.note(Entity::Finance, id, Status::Create);
        id
    }

    /// The first storage that services take from, or that goods are sold from; 0: none.
    pub(super) fn storage(&self, for_services: bool) -> i64 {
        let mut storages = self.storages.iter();
        storages
            .find(|one| one.for_services == for_services)
            .map_or(0, |one| one.id)
    }
}
