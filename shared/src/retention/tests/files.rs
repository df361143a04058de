//! Files that are built while somebody is erased, and files of later.

use std::{
    fmt,
    ops::Range,
    sync::{Arc, Mutex},
    time::Duration,
};

use futures::{FutureExt, TryStreamExt, future::BoxFuture};

use super::{
    bed::{day, plants},
    erasure::person,
};
use crate::{
    control::{Actor, Delivery, DeliveryStatus, NewDelivery},
    delivery::{self, DeliveryError},
    planner::tests::bed::Plant,
    ports::{ByteStream, Listed, ObjectKey, Objects, ObjectsError, PresignedPut, Stored, Upload},
    retention::{People, erase},
    warehouse::{Rule, Write},
};

const BY: Actor = Actor::CommandLine;

/// A store where something happens, once, while an object is put there.
struct Meanwhile {
    inner: Arc<dyn Objects>,
    work: Mutex<Option<BoxFuture<'static, ()>>>,
}

impl fmt::Debug for Meanwhile {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str("Meanwhile")
    }
}

impl Objects for Meanwhile {
    fn put<'a>(
        &'a self,
        key: &'a ObjectKey,
        content: ByteStream,
    ) -> BoxFuture<'a, Result<Stored, ObjectsError>> {
        let work = self.work.lock().unwrap().take();
        async move {
            if let Some(work) = work {
                work.await;
            }
            self.inner.put(key, content).await
        }
        .boxed()
    }

    fn get<'a>(
        &'a self,
        key: &'a ObjectKey,
        range: Option<Range<u64>>,
    ) -> BoxFuture<'a, Result<ByteStream, ObjectsError>> {
        self.inner.get(key, range)
    }

    fn head<'a>(
        &'a self,
        key: &'a ObjectKey,
    ) -> BoxFuture<'a, Result<Option<Stored>, ObjectsError>> {
        self.inner.head(key)
    }

    fn delete<'a>(&'a self, key: &'a ObjectKey) -> BoxFuture<'a, Result<(), ObjectsError>> {
        self.inner.delete(key)
    }

    fn list<'a>(
        &'a self,
        prefix: &'a str,
        after: Option<&'a ObjectKey>,
        limit: usize,
    ) -> BoxFuture<'a, Result<Vec<Listed>, ObjectsError>> {
        self.inner.list(prefix, after, limit)
    }

    fn presign_get<'a>(
        &'a self,
        key: &'a ObjectKey,
        file_name: &'a str,
        content_type: &'a str,
        ttl: Duration,
    ) -> BoxFuture<'a, Result<url::Url, ObjectsError>> {
        self.inner.presign_get(key, file_name, content_type, ttl)
    }

    fn presign_put<'a>(
        &'a self,
        key: &'a ObjectKey,
        upload: Upload,
        ttl: Duration,
    ) -> BoxFuture<'a, Result<PresignedPut, ObjectsError>> {
        self.inner.presign_put(key, upload, ttl)
    }
}

impl Plant {
    /// An exchange file of everything, ordered and not built.
    async fn ordered(&self) -> Delivery {
        let owner = &self.bed.owner;
        let new = NewDelivery {
            profile: Some("full".into()),
            selection: serde_json::json!({}),
            ..self.bed.new_delivery(owner)
        };
        let mut tx = self.bed.control.begin().await.unwrap();
        let ordered = tx
            .deliveries(&self.bed.subscription.id)
            .order(&new, None, &self.bed.links, self.bed.now())
            .await
            .unwrap();
        tx.commit().await.unwrap();
        ordered.into_delivery()
    }

    async fn delivery(&self, delivery: &Delivery) -> Delivery {
        let control = &self.services.control;
        let deliveries = control.deliveries(&self.bed.subscription.id);
        deliveries.get(&delivery.id).await.unwrap()
    }
}

#[tokio::test]
async fn a_file_that_was_read_during_an_erasure_is_built_anew() {
    // The file is begun before the erasure, or when the person is remembered already and not emptied yet.
    for is_begun in [false, true] {
        for mut plant in plants().await {
            let shop = plant.bed.subscription.id.clone();
            plant.admit(day(1), plant.customers(Rule::Change)).await;
            let customer = person(People::Customers, "c1");
            if is_begun {
                let forget = Write::Forget {
                    person: customer.clone(),
                    new_key: "key".to_owned(),
                };
                plant.load(day(1), forget).await;
            }
            let (services, of) = (plant.services.clone(), shop.clone());
            let erasing = async move {
                erase(&services, &of, &customer, &BY).await.unwrap();
            };
            plant.services.objects = Arc::new(Meanwhile {
                inner: Arc::clone(&plant.services.objects),
                work: Mutex::new(Some(erasing.boxed())),
            });
            let ordered = plant.ordered().await;
            let services = &plant.services;
            let refused = delivery::build(services, &shop, &ordered.id).await;
            assert!(
                matches!(refused, Err(DeliveryError::Erased)),
                "{is_begun}: {refused:?}"
            );
            assert_eq!(
                plant.delivery(&ordered).await.status,
                DeliveryStatus::Building
            );
            delivery::build(services, &shop, &ordered.id).await.unwrap();
            let ready = plant.delivery(&ordered).await;
            assert_eq!(ready.status, DeliveryStatus::Ready);
            let content = services
                .objects
                .get(ready.object_key.as_ref().unwrap(), None);
            let content: Vec<bytes::Bytes> = content.await.unwrap().try_collect().await.unwrap();
            let content = String::from_utf8_lossy(&content.concat()).into_owned();
            assert!(content.contains("Nowak"), "{content}");
            assert!(!content.contains("Kowalska"), "{content}");
            plant.clean().await;
            plant.close().await;
        }
    }
}

#[tokio::test]
async fn an_erasure_that_is_over_takes_no_later_file_back() {
    for plant in plants().await {
        let (services, shop) = (&plant.services, &plant.bed.subscription.id);
        plant.admit(day(1), plant.customers(Rule::Change)).await;
        let customer = person(People::Customers, "c1");
        let first = erase(services, shop, &customer, &BY).await.unwrap();
        let ordered = plant.ordered().await;
        delivery::build(services, shop, &ordered.id).await.unwrap();
        let subjects = plant.dump().await;
        let named =
            |line: &&str| line.starts_with("_personal_data_subjects") && line.contains("\"c1\"");
        assert_eq!(subjects.lines().filter(named).count(), 1, "{subjects}");
        let erasures = plant.warehouse().erasures().await.unwrap();
        let again = erase(services, shop, &customer, &BY).await.unwrap();
        assert_eq!((again.proof, again.counts.len()), (first.proof, 0));
        assert_eq!(plant.warehouse().erasures().await.unwrap(), erasures);
        let ready = plant.delivery(&ordered).await;
        assert_eq!(ready.status, DeliveryStatus::Ready);
        let object = services.objects.head(&ready.object_key.unwrap()).await;
        assert!(object.unwrap().is_some());
        assert_eq!(plant.journal("retention.erased").await, 1);
        plant.close().await;
    }
}
