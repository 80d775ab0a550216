//! Changes that wait for the one writer of SQLite are committed together, so that the disk is asked once for all of them.
//!
//! PostgreSQL gathers commits by itself: there each change has a transaction of its own.

use super::{Database, begin_write, is_sqlite, retried};
use crate::{Error, Result, base::world};
use futures::FutureExt;
use futures::future::BoxFuture;
use sea_orm::DatabaseTransaction;
use std::panic::AssertUnwindSafe;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use tokio::sync::oneshot;
use tracing::Instrument;

type Act = Box<dyn for<'t> Fn(&'t DatabaseTransaction) -> BoxFuture<'t, Result<()>> + Send + Sync>;

struct Waiting {
    act: Act,
    told: oneshot::Sender<Result<()>>,
}

/// The changes that wait for the writer.
#[derive(Default)]
pub(super) struct Group(Mutex<Vec<Waiting>>);

impl Group {
    /// Joins those who wait, and tells whether this one is the first.
    fn join(&self, waiting: Waiting) -> bool {
        let mut all = lock(&self.0);
        all.push(waiting);
        all.len() == 1
    }

    fn take(&self) -> Vec<Waiting> {
        std::mem::take(&mut *lock(&self.0))
    }
}

impl Database {
    /// Makes a change that is all or nothing and durable when this returns. It may be run more than once, the last time counts.
    /// Who hangs up meanwhile leaves it to be made.
    pub(crate) async fn change<T, F>(&self, act: F) -> Result<T>
    where
        T: Send + 'static,
        F: for<'t> Fn(&'t DatabaseTransaction) -> BoxFuture<'t, Result<T>> + Send + Sync + 'static,
    {
        if !is_sqlite(self) {
            return retried(|| alone(self, &act)).await;
        }
        let outcome = Arc::new(Mutex::new(None));
        let act = noting(act, outcome.clone());
        let (told, heard) = oneshot::channel();
        if self.group.join(Waiting { act, told }) {
            // A task of its own: whoever came first may hang up, and the others must not hang with it.
            tokio::spawn(make_all(self.clone()));
        }
        heard.await.map_err(|_| anyhow::anyhow!("the change was not made"))??;
        let outcome = lock(&outcome).take();
        Ok(outcome.ok_or_else(|| anyhow::anyhow!("the change was not made"))?)
    }
}

/// The change as the group sees it: in the name of the request that wants it, with what it brought left in `outcome`.
fn noting<T, F>(act: F, outcome: Arc<Mutex<Option<T>>>) -> Act
where
    T: Send + 'static,
    F: for<'t> Fn(&'t DatabaseTransaction) -> BoxFuture<'t, Result<T>> + Send + Sync + 'static,
{
    let (request, span) = (world::request_id(), tracing::Span::current());
    Box::new(move |tx| {
        let (request, outcome) = (request.clone(), outcome.clone());
        let acting = act(tx);
        let noted = async move {
            let brought = match request {
                Some(request) => world::in_request(request, acting).await?,
                None => acting.await?,
            };
            *lock(&outcome) = Some(brought);
            Ok(())
        };
        noted.instrument(span.clone()).boxed()
    })
}

/// Makes all changes that wait when the turn to write comes; who comes later is the first of the next ones.
async fn make_all(db: Database) {
    let begun = begin_write(&db).await;
    let mut batch = db.group.take();
    let made = match begun {
        Ok(tx) => together(tx, &batch).await,
        Err(error) => Err(error.into()),
    };
    match made {
        Ok(()) => batch.into_iter().for_each(|waiting| tell(waiting.told, Ok(()))),
        Err(error) if batch.len() == 1 => {
            if let Some(only) = batch.pop() {
                tell(only.told, Err(error));
            }
        }
        // One may fail without the others.
        Err(_) => {
            for Waiting { act, told } in batch {
                tell(told, alone(&db, &act).await);
            }
        }
    }
}

async fn together(tx: DatabaseTransaction, batch: &[Waiting]) -> Result<()> {
    for waiting in batch {
        caught((waiting.act)(&tx)).await?;
    }
    Ok(tx.commit().await?)
}

async fn alone<T, F>(db: &Database, act: &F) -> Result<T>
where
    F: for<'t> Fn(&'t DatabaseTransaction) -> BoxFuture<'t, Result<T>>,
{
    let tx = begin_write(db).await?;
    let brought = caught(act(&tx)).await?;
    tx.commit().await?;
    Ok(brought)
}

/// A panic ends the change that it is in, and no other's.
async fn caught<T>(acting: BoxFuture<'_, Result<T>>) -> Result<T> {
    AssertUnwindSafe(acting).catch_unwind().await.unwrap_or_else(|_| Err(Error::Unexpected(anyhow::anyhow!("the change panicked"))))
}

fn tell(told: oneshot::Sender<Result<()>>, outcome: Result<()>) {
    // Who has hung up needs no answer.
    drop(told.send(outcome));
}

fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::base::database::{connect, execute, statement};
    use futures::future::join_all;
    use sea_orm::ConnectionTrait;

    async fn open(folder: &tempfile::TempDir) -> Database {
        let db = connect(&format!("sqlite://{}", folder.path().join("group.db").display())).await.unwrap();
        db.execute_unprepared("CREATE TABLE things (n BIGINT NOT NULL PRIMARY KEY)").await.unwrap();
        db
    }

    async fn n_things(db: &Database) -> i64 {
        db.query_one_raw(statement(db, "SELECT COUNT(*) AS n FROM things", [])).await.unwrap().unwrap().try_get("", "n").unwrap()
    }

    async fn add(db: Database, n: i64, end: impl Fn() -> Result<()> + Send + Sync + Copy + 'static) -> Result<u64> {
        let change = db.change(move |tx| {
            async move {
                let n_added = execute(tx, "INSERT INTO things (n) VALUES ($1)", [n.into()]).await?;
                end()?;
                Ok(n_added)
            }
            .boxed()
        });
        change.await
    }

    #[tokio::test]
    async fn changes_that_come_together_are_all_made() {
        let folder = tempfile::tempdir().unwrap();
        let db = open(&folder).await;
        let made = join_all((0..50).map(|n| add(db.clone(), n, || Ok(())))).await;
        assert!(made.iter().all(|made| matches!(made, Ok(1))));
        assert_eq!(n_things(&db).await, 50);
    }

    #[tokio::test]
    async fn one_that_fails_takes_none_with_it() {
        let folder = tempfile::tempdir().unwrap();
        let db = open(&folder).await;
        let (good, bad, worse) = tokio::join!(
            join_all((0..10).map(|n| add(db.clone(), n, || Ok(())))),
            add(db.clone(), 10, || Err(Error::NotFound)),
            add(db.clone(), 11, || panic!("a change that panics")),
        );
        assert!(good.iter().all(Result::is_ok));
        assert!(matches!(bad, Err(Error::NotFound)), "{bad:?}");
        assert!(matches!(worse, Err(Error::Unexpected(_))), "{worse:?}");
        assert_eq!(n_things(&db).await, 10);
        assert!(matches!(add(db.clone(), 12, || Ok(())).await, Ok(1)));
    }

    #[tokio::test]
    async fn a_change_is_made_though_nobody_waits_for_it_any_more() {
        let folder = tempfile::tempdir().unwrap();
        let db = open(&folder).await;
        let tx = begin_write(&db).await.unwrap();
        let waiting = tokio::spawn(add(db.clone(), 1, || Ok(())));
        while lock(&db.group.0).is_empty() {
            tokio::task::yield_now().await;
        }
        waiting.abort();
        tx.commit().await.unwrap();
        add(db.clone(), 2, || Ok(())).await.unwrap();
        assert_eq!(n_things(&db).await, 2);
    }
}
