use super::*;
use crate::SubscriptionId;
use chrono::{DateTime, Utc};
use serde_json::Value as Json;
use std::sync::Arc;
#[derive(Debug)]
pub(super) struct PostgresWarehouses(sqlx::PgPool);
#[derive(Debug, Clone)]
pub(super) struct PostgresWarehouse(Arc<PostgresWarehouses>);
impl PostgresWarehouses {
    pub fn new(pool: sqlx::PgPool) -> Self {
        Self(pool)
    }
}
impl PostgresWarehouse {
    pub fn new(all: &Arc<PostgresWarehouses>, _: &SubscriptionId) -> Self {
        let _ = &all.0;
        Self(Arc::clone(all))
    }
    pub async fn commit(&self, load: Load) -> Result<Committed, WarehouseError> {
        let _ = load;
        Err(WarehouseError::Stopped)
    }
    pub async fn weigh(
        &self,
        admit: Admit,
        observed_at: DateTime<Utc>,
    ) -> Result<Vec<Outcome>, WarehouseError> {
        let _ = admit;
        let _ = observed_at;
        Err(WarehouseError::Stopped)
    }
    pub async fn snapshot(&self) -> Result<Snapshot, WarehouseError> {
        Err(WarehouseError::Stopped)
    }
    pub async fn state(&self, key: &str) -> Result<Option<Json>, WarehouseError> {
        let _ = key;
        Err(WarehouseError::Stopped)
    }
    pub async fn outbox(&self, after: i64, limit: u64) -> Result<Vec<OutboxEntry>, WarehouseError> {
        let _ = after;
        let _ = limit;
        Err(WarehouseError::Stopped)
    }
    pub async fn forget_outbox(&self, up_to: i64) -> Result<(), WarehouseError> {
        let _ = up_to;
        Err(WarehouseError::Stopped)
    }
    pub async fn erase(&self) -> Result<(), WarehouseError> {
        Err(WarehouseError::Stopped)
    }
}
