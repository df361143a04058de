"""Reads the records of a company of the simulated vendor into a database, as somebody would who takes dlt for it.

dlt_pull.py BASE_URL COMPANY LOGIN PASSWORD FIRST_DAY LAST_DAY DATABASE FOLDER

Says on its last line what it took: the seconds of the pipeline, and the rows that are in the database afterwards.
"""

import json
import sys
import time

import dlt
from dlt.sources.helpers import requests
from dlt.sources.helpers.rest_client import RESTClient
from dlt.sources.helpers.rest_client.paginators import PageNumberPaginator

base_url, company, login, password, first_day, last_day, database, folder = sys.argv[1:]

headers = {"Accept": "application/vnd.yclients.v2+json", "Authorization": "Bearer partner"}
signed_in = requests.post(f"{base_url}/auth", json={"login": login, "password": password}, headers=headers)
headers["Authorization"] += f", User {signed_in.json()['data']['user_token']}"

# The largest page that we ask for too; the first short page is not known to be the last one here, so that one more is asked for.
pages = PageNumberPaginator(base_page=1, page_param="page", total_path=None)
client = RESTClient(base_url, headers=headers, paginator=pages, data_selector="data")
parameters = {
    "count": 200,
    "with_deleted": 1,
    "include_consumables": 1,
    "include_finance_transactions": 1,
    "start_date": first_day,
    "end_date": last_day,
}
# What we keep as JSON is JSON here too; services, consumables and labels become tables.
as_json = ["goods_transactions", "finance_transactions", "documents", "custom_fields", "resource_instance_ids"]


@dlt.resource(
    name="records",
    primary_key="id",
    write_disposition="merge",
    max_table_nesting=1,
    columns={name: {"data_type": "json"} for name in as_json},
)
def records(changed=dlt.sources.incremental("last_change_date", initial_value="2000-01-01T00:00:00")):
    yield from client.paginate(f"/records/{company}", params=parameters)


if database.startswith("sqlite"):
    # One writer at a time, which is all that SQLite takes: several fail now and then with "database is locked".
    dlt.config["load.workers"] = 1
    destination = dlt.destinations.sqlalchemy(database)
else:
    destination = dlt.destinations.postgres(database)
pipeline = dlt.pipeline("bench", pipelines_dir=f"{folder}/pipelines", destination=destination, dataset_name="theirs")
begun = time.monotonic()
pipeline.run(records)
seconds = time.monotonic() - begun

with pipeline.sql_client() as sql:
    def count(table):
        return sql.execute_sql(f"SELECT COUNT(*) FROM {sql.make_qualified_table_name(table)}")[0][0]

    tables = set(pipeline.default_schema.data_table_names())
    lines = [name for name in ("records__services", "records__consumables", "records__record_labels") if name in tables]
    counted = {"seconds": seconds, "records": count("records"), "lines": sum(map(count, lines))}
    if not database.startswith("sqlite"):
        sql.drop_dataset()
print(json.dumps(counted))
