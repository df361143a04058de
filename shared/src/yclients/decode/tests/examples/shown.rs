//! What the vendor's example bodies show: `column=value`, `-` for nothing.

/// The table, the example of its list or single row, and what its first row shows: columns and values.
#[rustfmt::skip]
pub const ANSWERS: &[(&str, &str, &str)] = &[
    ("yclients_accounts", "accounts.list.json", "id=13881 | title=Основная касса | type=0"),
    ("yclients_clients", "client.get.json", "id=16 | phone=+79112345679 | birth_date=- | visits=3"),
    ("yclients_clients", "clients.list.deprecated_get.json", "id=66 | spent=71842 | importance=Золото | birth_date=2011-08-12 | _changed_at=2020-02-01T08:00:00Z"),
    ("yclients_clients", "clients_search.response.json", "id=2 | name=Петров"),
    ("yclients_companies", "companies.list.json", "id=1050 | timezone=Europe/Moscow | coordinate_lon=37.678218 | next_slot=2015-09-29T08:00:00Z"),
    ("yclients_companies", "company.get.json", "id=37532 | next_slot=2015-09-22T07:00:00Z | push_notification_phone_confirm=true"),
    ("yclients_service_categories", "company_service_categories.list.json", "id=345 | api_id=adw322 | weight=10"),
    ("yclients_services", "company_services.list.json", "id=79067 | category_id=4 | price_min=1000 | discount=0"),
    ("yclients_finance_transactions", "finance_transactions.get.json", "id=9053737 | expense_title=Оказание корпоративных услуг | account_id=35501 | client_phone=+71000000001 | date=2017-04-04T17:00:00Z | master_id=-"),
    ("yclients_finance_transactions", "transactions.list.2024.json", "id=4815162342 | amount=1000 | supplier_title=George | date=2016-04-13T11:34:31Z | date_raw=2016-04-13T15:34:31+0400"),
    ("yclients_finance_transactions", "timetable_transactions.by_record_or_visit.json", "client_id=481516"),
    ("yclients_finance_transactions", "storage_operations.documents.finance_transactions.json", "id=9053737 | amount=434"),
    ("yclients_goods", "goods.list.json", "id=123456 | cost=100500 | actual_cost=1050 | unit_equals=10 | barcode=123"),
    ("yclients_goods_categories", "goods_categories.list.json", "id=1 | title=Категория 1"),
    ("yclients_goods_categories", "goods_search.json", "id=123 | is_chain=true"),
    ("yclients_labels", "labels.by_entity.json", "id=4815162342 | color=#ffaacc | deleted=false"),
    ("yclients_labels", "labels.clients.list.json", "id=3 | deleted=true | _deleted_at=2026-04-01T00:00:00Z"),
    ("yclients_staff", "staff.list.deprecated.json", "id=17969 | name=Василий | position_title=Администратор | rating=0 | fired=false"),
    ("yclients_storages", "storages.list.json", "id=1 | for_services=true | for_sale=false"),
    ("yclients_goods_transactions", "storages_transactions.list.json", "id=123456789 | type_id=987654321 | type=Нечто | good_id=111222333 | cost_per_unit=1.07 | client_name=Джордж Смит | service_title=Услуга 4 | record_id=1"),
    ("yclients_goods_transactions", "storage_operations.goods_transactions.get.json", "id=3428010 | type=Продажа товара | amount=-1 | cost=90 | master_id=26781 | master_title=Анджелина Джоли | create_date=2017-04-25T18:50:01Z"),
    ("yclients_goods_transactions", "storage_operations.documents.goods_transactions.json", "id=3728232 | amount=-10 | user_id=3 | service_id=-"),
    ("yclients_documents", "storage_operations.documents.get.json", "id=22255503 | type_title=Продажа товара | storage_title=Товары | user_name=User name | number=1251"),
    ("yclients_records", "records.list.json", "id=2 | staff_name=Оксана | datetime=2019-01-16T13:00:00Z | datetime_raw=2019-01-16T16:00:00+09:00 | visit_id=8262996 | service_category_ids=[10]"),
    ("yclients_records", "records.list.current_reference.json", "id=2 | sms_remain_hours=5 | is_sale_bill_printed=false | client_id=-"),
    ("yclients_records", "record.get.with_consumables_and_finance_transactions.json", "id=2 | client_id=18936825 | client_success_visits_count=37 | _changed_at=2019-01-17T10:44:14Z"),
];

/// The table, the example of an answer that has rows of it inside, where they are (a JSON pointer), and what the first shows.
#[rustfmt::skip]
pub const PARTS: &[(&str, &str, &str, &str)] = &[
    ("yclients_records", "visits.get.json", "/data/records", "id=37955315 | staff_name=Кевин Спейси | client_id=4240788 | datetime=2018-03-25T12:00:00Z | visit_id=8260852 | deleted=false"),
    ("yclients_clients", "clients_bulk.response.json", "/data/created", "id=19153889 | spent=1000 | balance=-1200 | birth_date=2000-03-03 | _changed_at=2020-09-08T09:33:39Z"),
    ("yclients_documents", "storage_operations.operation.post.response.json", "/data/document", "id=22255506 | number=1254 | storage_title=Секретное место | create_date=2017-04-25T11:00:00Z"),
    ("yclients_finance_transactions", "visit_details.get.json", "/data/payment_transactions", "id=6023813 | document_id=8172806 | amount=10 | client_id=4241492 | client_phone=+71001001011 | record_id=13136569"),
];

/// The webhook's example and what its row shows.
#[rustfmt::skip]
pub const EVENTS: &[(&str, &str)] = &[
    ("webhook.doc.client.json", "id=401 | display_name=Jane Doe | visits=5"),
    ("webhook.doc.finances_operation.json", "id=901 | amount=50 | date=2026-03-20T11:30:00Z | record_id=501 | expense_title=Services"),
    ("webhook.doc.good.json", "id=701 | barcode=4607001234567 | category=Hair Care"),
    ("webhook.doc.goods_operations_sale.json", "id=801 | type=sale | good_id=701 | cost=50"),
    ("webhook.doc.record.json", "id=501 | date=2026-03-20 14:00:00 | datetime=2026-03-20T11:00:00Z | client_name=Jane | online=true | service_category_ids=[20]"),
    ("webhook.doc.salon.json", "id=123456 | timezone_name=America/New_York | active=true"),
    ("webhook.doc.service.json", "id=201 | price_max=50 | duration=60"),
    ("webhook.doc.service_category.json", "id=301 | staff=[101,102,103]"),
    ("webhook.doc.staff.json", "id=101 | rating=4.8 | hidden=false"),
    ("webhook.live.client.update.2025.json", "id=167155699 | spent=4066 | birth_date=- | _changed_at=2025-11-26T05:37:44Z"),
    ("webhook.live.finances_operation.create.2020.json", "id=199254095 | document_id=258345769 | visit_id=189519462 | account_title=Основная касса"),
    ("webhook.live.good.create.2022.json", "id=23387891 | category_id=979588 | cost=666 | loyalty_allow_empty_code=true"),
    ("webhook.live.goods_operations_receipt.create.2022.json", "id=518392403 | type_id=3 | amount=2 | unit_short_title=шт. | create_date_raw=2022-11-02T12:29:00+0400"),
    ("webhook.live.goods_operations_sale.create.2020.json", "id=176687032 | master_title=Администратор | client_phone=+70000000000"),
    ("webhook.live.record.update.2019.json", "id=122641972 | sms_before=24 | paid_full=1 | datetime=2019-07-21T09:00:00Z | _changed_at=2019-07-21T11:07:40Z"),
];
