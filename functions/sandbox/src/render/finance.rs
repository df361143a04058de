use super::{Json, Page, Taste};
use crate::model::{Account, FinanceTransaction};

impl Page<'_> {
    /// An account.
    pub fn account(&self, json: &mut Json, account: &Account) {
        json.object(|json| {
            json.key("id").raw(account.id);
            json.texts([("title", account.title), ("comment", account.comment)]);
            json.key("type").raw(u8::from(account.cashless));
        });
    }

    /// A finance transaction in the shape of `/transactions/{c}` and of its webhooks.
    pub fn finance_listed(&self, json: &mut Json, one: &FinanceTransaction) {
        let taste = self.taste("transaction", one.id);
        json.object(|json| {
            taste.ints(json, [("id", one.id), ("document_id", one.document_id)]);
            json.key("expense").object(|json| {
                taste.int(json, "id", one.expense.id);
                json.key("title").text(one.expense.title);
            });
            json.key("date").quoted(self.eastward(one.date));
            taste.exact(json, "amount", one.amount);
            json.key("comment").text(one.comment);
            self.finance_relations(json, taste, one);
            json.key("last_change_date")
                .quoted(self.eastward(one.changed));
            json.numbers([
                ("record_id", one.record_id),
                ("visit_id", one.visit_id),
                ("sold_item_id", one.sold_item_id),
            ]);
            json.key("sold_item_type").text(one.sold_item_type);
        });
    }

    /// A finance transaction in the flat shape of records and of `/finance_transactions/{c}/{id}`.
    pub fn finance_flat(&self, json: &mut Json, one: &FinanceTransaction) {
        let taste = self.taste("finance_flat", one.id);
        let is_service = one.sold_item_type == "service";
        json.object(|json| {
            json.numbers([
                ("id", one.id),
                ("document_id", one.document_id),
                ("type_id", one.expense.id),
                ("expense_id", one.expense.id),
                ("account_id", one.account_id),
                ("client_id", one.client_id),
                ("master_id", one.master_id),
                ("supplier_id", one.supplier_id),
                ("item_id", one.sold_item_id),
                ("target_type_id", i64::from(is_service)),
                ("record_id", one.record_id),
                (
                    "goods_transaction_id",
                    if is_service { 0 } else { one.sold_item_id },
                ),
            ]);
            json.key("date").quoted(self.naive(one.date));
            taste.exact(json, "amount", one.amount);
            json.key("comment").text(one.comment);
            json.key("expense").object(|json| {
                json.key("id").raw(one.expense.id);
                json.key("title").text(one.expense.title);
            });
            self.finance_relations(json, taste, one);
            json.key("last_change_date")
                .quoted(self.eastward(one.changed));
        });
    }

    fn finance_relations(&self, json: &mut Json, taste: Taste, one: &FinanceTransaction) {
        let salon = self.salon;
        let named = |json: &mut Json, id: i64, title: &str| {
            taste.int(json, "id", id);
            json.key("title").text(title);
        };
        self.sides(json, taste, one.master_id, one.supplier_id);
        taste.relation(
            json,
            "account",
            salon.accounts.get(one.account_id),
            |json, account| named(json, account.id, account.title),
        );
        self.payer(json, taste, one.client_id);
    }

    /// Who of the staff and which supplier a movement of goods or money is about.
    pub(super) fn sides(&self, json: &mut Json, taste: Taste, master: i64, supplier: i64) {
        let named = |json: &mut Json, id: i64, title: &str| {
            taste.int(json, "id", id);
            json.key("title").text(title);
        };
        let staff = self.salon.staff.get(master);
        taste.relation(json, "master", staff, |json, staff| {
            named(json, staff.id, &staff.name);
        });
        let supplier = self.salon.suppliers.get(supplier);
        taste.relation(json, "supplier", supplier, |json, supplier| {
            named(json, supplier.id, supplier.title);
        });
    }

    /// Which client a movement of goods or money is about.
    pub(super) fn payer(&self, json: &mut Json, taste: Taste, client: i64) {
        let client = self.salon.clients.get(client);
        taste.relation(json, "client", client, |json, client| {
            taste.int(json, "id", client.id);
            json.texts([("name", client.name), ("phone", &client.phone)]);
        });
    }
}
