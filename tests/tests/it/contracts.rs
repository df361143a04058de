//! What every adapter has to do, done by the embedded ones.

use wynos::{
    embedded::{DirectoryObjects, SqliteQueue},
    ports::{Clock, KeyName, KeyRing, MasterKey},
};
use wynos_tests::contracts;

#[tokio::test]
async fn the_embedded_queue_keeps_the_contract_of_queues() {
    let folder = tempfile::tempdir().unwrap();
    let queue = SqliteQueue::open(&folder.path().join("queue.sqlite"), Clock::System).unwrap();
    contracts::queue(&queue).await.unwrap();
}

#[tokio::test]
async fn a_folder_keeps_the_contract_of_object_stores() {
    let folder = tempfile::tempdir().unwrap();
    let keys = KeyRing::derive(KeyName::ObjectUrl, &MasterKey::new(1, [4; 32]), &[]);
    let url = "http://127.0.0.1:8787".parse().unwrap();
    let objects = DirectoryObjects::open(folder.path(), url, keys, Clock::System).unwrap();
    contracts::objects(&objects).await.unwrap();
}
