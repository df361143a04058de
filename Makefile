# Each target says what it does: `make help`. ARGS goes to the command behind a target: `make demo ARGS=--exit`.

.DEFAULT_GOAL := help
.PHONY: help demo test faults bench lint fmt deny doc build-lambda deploy template

help: ## show this list
	@awk -F ':.*## ' '/^[a-z-]+:.*## / { printf "  make %-12s %s\n", $$1, $$2 }' $(MAKEFILE_LIST)

demo: ## run the whole job on a sample shop and leave the console open (ARGS=--exit ends by itself)
	@scripts/demo.sh $(ARGS)

test: ## run all tests, on SQLite, on a private PostgreSQL and in a browser (ARGS go to cargo test)
	@scripts/test.sh $(ARGS)

faults: ## run the harness of faults with every fault on both databases, which takes about an hour
	@WYNOS_TEST_ALL_FAULTS=1 scripts/test.sh --test it -- faults:: $(ARGS)

bench: ## measure speed and memory against sqlite3, psql and the bare libraries
	@scripts/bench.sh $(ARGS)

lint: ## check formatting, clippy's lints and the rules on dependencies
	cargo fmt --all --check
	cargo clippy --locked --workspace --all-targets -- -D warnings
	@scripts/check-dependencies.sh

fmt: ## format all code
	cargo fmt --all

template: ## check the template for AWS
	@scripts/check-template.sh

build-lambda: ## build the functions for AWS, one zip each (ARGS name some of them)
	@scripts/build-lambda.sh $(ARGS)

deploy: ## build, deploy to AWS and migrate (ARGS is the environment of samconfig.toml)
	@scripts/deploy.sh $(ARGS)

deny: ## check licences, bans and sources of all dependencies
	@scripts/deny.sh

doc: ## build the documentation of the code, private items included
	RUSTDOCFLAGS="-D warnings" cargo doc --locked --workspace --no-deps --document-private-items
