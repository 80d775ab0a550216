//! Two releases on one database: the older one passes over what it doesn't know, in the schema and in the queue.

use crate::support::{Engine, TestShop};
use migration::{DbErr, MigrateError, MigrationName, MigrationTrait, Migrator, MigratorTrait, SchemaManager, migrate, migrate_as};
use sea_orm::{ConnectionTrait, DbBackend, Statement, TransactionTrait};
use shop::base::database::Database;
use shop_testing::on_both_databases;
use shop_testing::postgres::new_database;

/// A change of the next release.
struct Newer;

const NEWER: &str = "m20991231_000001_newer";

impl MigrationName for Newer {
    fn name(&self) -> &str {
        NEWER
    }
}

#[async_trait::async_trait]
impl MigrationTrait for Newer {
    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        manager.get_connection().execute_unprepared("CREATE TABLE newer_things (id BIGINT PRIMARY KEY)").await?;
        Ok(())
    }
}

/// The changes that the next release carries.
fn next_release() -> Vec<Box<dyn MigrationTrait>> {
    let mut all = Migrator::migrations();
    all.push(Box::new(Newer));
    all
}

async fn empty(engine: Engine, folder: &tempfile::TempDir) -> Database {
    let url = match engine {
        Engine::Sqlite => format!("sqlite://{}", folder.path().join("shop.db").display()),
        Engine::Postgres => new_database().await,
    };
    shop::base::database::connect(&url).await.unwrap()
}

#[on_both_databases]
async fn an_older_program_starts_on_a_newer_schema_in_either_order(engine: Engine) {
    for is_newer_first in [true, false] {
        let folder = tempfile::tempdir().unwrap();
        let db = empty(engine, &folder).await;
        if !is_newer_first {
            migrate(db.writer()).await.unwrap();
        }
        migrate_as(db.writer(), next_release(), &[]).await.unwrap();
        migrate(db.writer()).await.unwrap();
        shop::stores::ensure(&db, &shop::Clock::System).await.unwrap();
        migrate_as(db.writer(), next_release(), &[]).await.unwrap();
        assert!(migration::applied(&db).await.unwrap().contains(&NEWER.to_owned()));
        db.execute_unprepared("INSERT INTO newer_things (id) VALUES (1)").await.unwrap();
    }
}

#[on_both_databases]
async fn an_older_program_sells_beside_tables_and_columns_that_it_does_not_know(engine: Engine) {
    let test = TestShop::open(engine).await;
    test.stock().await;
    test.run("INSERT INTO seaql_migrations (version, applied_at) VALUES ('m29990101_000001_tomorrow', 1)").await;
    test.run("CREATE TABLE tomorrow (id BIGINT NOT NULL PRIMARY KEY)").await;
    test.run("ALTER TABLE orders ADD COLUMN tomorrow TEXT").await;
    migrate(test.shop.db.writer()).await.unwrap();
    let started = test.start("a-book", "plain", 1).await;
    test.pay(&started, "4242424242424242").await;
    test.receive("evt_1", "checkout.session.completed", &test.session_of(&started)).await;
    test.work().await;
    assert_eq!(test.count("orders WHERE status = 'paid'").await, 1);
    assert_eq!(test.mail.sent_to("reader@example.com").len(), 1);
}

#[on_both_databases]
async fn a_change_that_breaks_older_programs_keeps_them_from_starting(engine: Engine) {
    let folder = tempfile::tempdir().unwrap();
    let db = empty(engine, &folder).await;
    migrate(db.writer()).await.unwrap();
    let before = Migrator::migrations().iter().map(|migration| migration.name().to_owned()).max().unwrap();
    // The release before is still fine with this one.
    migrate_as(db.writer(), next_release(), &[(NEWER, &before)]).await.unwrap();
    migrate(db.writer()).await.unwrap();
    migrate_as(db.writer(), next_release(), &[(NEWER, NEWER)]).await.unwrap();
    let refused = migrate(db.writer()).await.unwrap_err();
    assert!(matches!(&refused, MigrateError::TooOld { version, .. } if version == NEWER), "{refused}");
    assert!(refused.to_string().contains("must know m20991231_000001_newer"), "{refused}");
    migrate_as(db.writer(), next_release(), &[(NEWER, NEWER)]).await.unwrap();
}

/// A change of a table that is in use.
struct Wider;

impl MigrationName for Wider {
    fn name(&self) -> &str {
        NEWER
    }
}

#[async_trait::async_trait]
impl MigrationTrait for Wider {
    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        manager.get_connection().execute_unprepared("ALTER TABLE orders ADD COLUMN newer TEXT").await?;
        Ok(())
    }
}

#[tokio::test]
async fn a_shop_goes_on_while_an_upgrade_waits_for_a_backup_on_postgresql() {
    let folder = tempfile::tempdir().unwrap();
    let db = empty(Engine::Postgres, &folder).await;
    migrate(db.writer()).await.unwrap();
    // What pg_dump holds until it ends.
    let backup = db.writer().begin().await.unwrap();
    backup.execute_unprepared("LOCK TABLE orders IN ACCESS SHARE MODE").await.unwrap();
    let upgrade = tokio::spawn({
        let db = db.writer().clone();
        async move { migrate_as(&db, vec![Box::new(Wider)], &[]).await }
    });
    let waiting = "pg_locks WHERE NOT granted AND relation = 'orders'::regclass";
    let waiting = format!("SELECT 1 FROM {waiting}");
    while db.query_one_raw(Statement::from_string(DbBackend::Postgres, waiting.clone())).await.unwrap().is_none() {
        assert!(!upgrade.is_finished());
        tokio::time::sleep(std::time::Duration::from_millis(20)).await;
    }
    db.execute_unprepared("SELECT id FROM orders").await.unwrap();
    assert!(!upgrade.is_finished(), "it tries again");
    backup.rollback().await.unwrap();
    upgrade.await.unwrap().unwrap();
    db.execute_unprepared("SELECT newer FROM orders").await.unwrap();
}

#[on_both_databases]
async fn work_of_an_unknown_kind_waits_for_who_knows_it(engine: Engine) {
    let test = TestShop::open(engine).await;
    let sql = "INSERT INTO jobs (id, store_id, kind, dedupe_key, payload, state, next_at, created_at) VALUES ($1, $2, 'fly', 'fly:1', \
        'x', 'waiting', $3, $3)";
    let due_at = test.shop.clock.now_ms() - 1000;
    let values = [shop::base::world::new_id().into(), test.shop.settings.store_id.into(), due_at.into()];
    shop::base::database::execute(&test.shop.db, sql, values).await.unwrap();
    let untouched = "jobs WHERE kind = 'fly' AND state = 'waiting' AND attempts = 0 AND lease_until = 0";
    test.work().await;
    shop::jobs::reconcile_once(&test.shop).await.unwrap();
    assert_eq!(test.count(untouched).await, 1);
    assert!(shop::jobs::health::report(&test.shop).await.unwrap().stranded.is_empty(), "a newer program may be about to take it");

    test.advance(61 * 60 * 1000);
    let report = shop::jobs::health::report(&test.shop).await.unwrap();
    assert_eq!(report.stranded.iter().map(|row| (row.kind.as_str(), row.n)).collect::<Vec<_>>(), [("fly", 1)]);
    assert!(!report.signs.is_late && report.n_troubles() == 1, "{report:?}");
    for _ in 0..2 {
        shop::jobs::reconcile_once(&test.shop).await.unwrap();
        test.work().await;
    }
    let n_told = test.mail.sent().into_iter().filter(|mail| mail.text.contains("of the kind fly")).count();
    assert_eq!(n_told, 1, "once a day");
    assert_eq!(test.count(untouched).await, 1);
}

/// An event of a kind that nobody here knows, about a session that was just paid.
async fn event_for_the_next_release(test: &TestShop) {
    test.stock().await;
    let started = test.start("a-book", "plain", 1).await;
    let session = test.pay(&started, "4242424242424242").await;
    test.receive("evt_1", "checkout.session.tomorrow", &session).await;
    test.work().await;
}

const MARKED: &str = "inbox_events WHERE state = 'ignored' AND last_error IS NOT NULL AND attempts = 1";
const PAID: &str = "orders WHERE status = 'paid'";

#[on_both_databases]
async fn an_event_of_an_unknown_kind_is_handled_by_the_release_that_knows_it(engine: Engine) {
    let test = TestShop::open(engine).await;
    event_for_the_next_release(&test).await;
    // It is done with here, so that what nobody ever knows waits for nobody.
    test.reconcile().await;
    assert_eq!((test.count(MARKED).await, test.count(PAID).await), (1, 0));
    assert_eq!(shop::jobs::backlog(&test.shop).await.unwrap().n_events, 0);
    // To a release that knows the kind it is like any other.
    test.run("UPDATE inbox_events SET kind = 'checkout.session.completed' WHERE id = 'evt_1'").await;
    test.reconcile().await;
    assert_eq!((test.count(MARKED).await, test.count(PAID).await), (0, 1));
    assert_eq!(test.count("inbox_events WHERE state = 'done' AND last_error IS NULL").await, 1);
}

#[on_both_databases]
async fn of_two_newer_workers_one_takes_up_what_an_older_one_left(engine: Engine) {
    let test = TestShop::open(engine).await;
    event_for_the_next_release(&test).await;
    test.run("UPDATE inbox_events SET kind = 'checkout.session.completed' WHERE id = 'evt_1'").await;
    let other = shop::Shop { db: shop::base::database::connect(&test.database_url).await.unwrap(), ..test.shop.clone() };
    let (one, two) = tokio::join!(shop::jobs::reconcile_once(&test.shop), shop::jobs::reconcile_once(&other));
    one.and(two).unwrap();
    test.work().await;
    assert_eq!(test.sum("attempts", "inbox_events WHERE id = 'evt_1' AND state = 'done'").await, 1);
    assert_eq!((test.count(PAID).await, test.mail.sent_to("reader@example.com").len()), (1, 1));
}

#[on_both_databases]
async fn an_event_that_is_about_nothing_of_ours_is_not_taken_up_again(engine: Engine) {
    let test = TestShop::open(engine).await;
    event_for_the_next_release(&test).await;
    // A session of the same account that another program opened.
    let session = test.get_stripe("/v1/checkout/sessions").await["data"][0]["id"].as_str().unwrap().to_owned();
    let foreign = test.copy_paid_session(&session, "metadata[other]=1", "4242424242424242").await;
    test.receive("evt_2", "checkout.session.completed", &foreign).await;
    test.work().await;
    let ignored = "inbox_events WHERE id = 'evt_2' AND state = 'ignored' AND last_error IS NULL AND attempts = 1";
    assert_eq!(test.count(ignored).await, 1);
    test.reconcile().await;
    test.work().await;
    assert_eq!(test.count(ignored).await, 1);
}
