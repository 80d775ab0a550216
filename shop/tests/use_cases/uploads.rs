//! What becomes of a file's bytes when the database stumbles over its row.

use crate::support::{Engine, TestShop};
use domain::pages::storefront::ProductQuery;
use sea_orm::sqlx::postgres::PgConnectOptions;
use shop::accounts::audit::Actor;
use shop::catalog::{FileRole, NewFile, add_file};
use shop::files::{LocalFileStore, stream_of};
use shop::{Error, Shop};
use shop_testing::on_both_databases;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use tokio::io::{AsyncRead, AsyncReadExt, AsyncWrite, AsyncWriteExt};
use tokio::net::{TcpListener, TcpStream, UnixStream};

fn good() -> NewFile<'static> {
    NewFile { role: FileRole::Good, name: "more.pdf", title: "", head: b"%PDF-1.7", body: stream_of(&b"%PDF-1.7 more"[..]) }
}

/// The shop with its files in a folder, where they can be counted.
async fn with_folder(test: &TestShop, folder: &tempfile::TempDir) -> Shop {
    let files = LocalFileStore::open(folder.path().to_owned()).await.unwrap();
    Shop { files: Arc::new(files), ..test.shop.clone() }
}

fn n_files(folder: &std::path::Path) -> usize {
    std::fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().path()).map(|path| if path.is_dir() { n_files(&path) } else { 1 }).sum()
}

#[on_both_databases]
async fn a_file_that_is_refused_leaves_no_bytes(engine: Engine) {
    let test = TestShop::open(engine).await;
    test.stock().await;
    let folder = tempfile::tempdir().unwrap();
    let shop = with_folder(&test, &folder).await;
    let n_before = n_files(folder.path());
    let error = add_file(&shop, &Actor::operator(), "a-book", &["none".to_owned()], good()).await.unwrap_err();
    assert!(matches!(error, Error::Refused(_)), "{error:?}");
    assert_eq!(n_files(folder.path()), n_before);
    assert_eq!(test.count("files WHERE name = 'more.pdf'").await, 0);
}

/// A way to the cluster that breaks when it is told to: right after the database has carried out a commit, before it is heard.
struct BreakingLine {
    url: String,
    is_to_break: Arc<AtomicBool>,
}

impl BreakingLine {
    async fn to(url: &str) -> Self {
        let target: PgConnectOptions = url.parse().unwrap();
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let port = listener.local_addr().unwrap().port();
        let database = target.get_database().unwrap();
        let own = format!("postgres://{}@127.0.0.1:{port}/{database}?sslmode=disable", target.get_username());
        let is_to_break = Arc::new(AtomicBool::new(false));
        let broken = is_to_break.clone();
        tokio::spawn(async move {
            while let Ok((client, _)) = listener.accept().await {
                let (target, broken) = (target.clone(), broken.clone());
                tokio::spawn(async move {
                    match target.get_socket() {
                        Some(folder) => {
                            let path = folder.join(format!(".s.PGSQL.{}", target.get_port()));
                            relay(client, UnixStream::connect(path).await?, &broken).await
                        }
                        None => relay(client, TcpStream::connect((target.get_host(), target.get_port())).await?, &broken).await,
                    }
                });
            }
        });
        Self { url: own, is_to_break }
    }
}

async fn relay(client: TcpStream, server: impl AsyncRead + AsyncWrite + Unpin, is_to_break: &AtomicBool) -> std::io::Result<()> {
    let (mut from_client, mut to_client) = client.into_split();
    let (mut from_server, mut to_server) = tokio::io::split(server);
    let (mut asked, mut answered) = (vec![0; 65_536], vec![0; 65_536]);
    loop {
        tokio::select! {
            n = from_client.read(&mut asked) => {
                let n = n?;
                if n == 0 {
                    return Ok(());
                }
                to_server.write_all(&asked[..n]).await?;
                let is_commit = asked[..n].windows(6).any(|word| word == b"COMMIT");
                if is_commit && is_to_break.swap(false, Ordering::SeqCst) {
                    // The first byte of the answer says that the commit is done.
                    from_server.read_u8().await?;
                    return Ok(());
                }
            }
            n = from_server.read(&mut answered) => {
                let n = n?;
                if n == 0 {
                    return Ok(());
                }
                to_client.write_all(&answered[..n]).await?;
            }
        }
    }
}

#[tokio::test]
async fn a_file_whose_commit_was_not_heard_of_keeps_its_bytes() {
    let test = TestShop::open(Engine::Postgres).await;
    test.stock().await;
    let folder = tempfile::tempdir().unwrap();
    let line = BreakingLine::to(&test.database_url).await;
    let shop = Shop { db: shop::base::database::connect(&line.url).await.unwrap(), ..with_folder(&test, &folder).await };
    line.is_to_break.store(true, Ordering::SeqCst);
    let added = add_file(&shop, &Actor::operator(), "a-book", &[], good()).await;
    assert!(!line.is_to_break.load(Ordering::SeqCst), "the line broke");
    assert_eq!(test.count("files WHERE name = 'more.pdf'").await, 1);
    assert_eq!(n_files(folder.path()), 1);
    assert_eq!(added.unwrap().name, "more.pdf", "it was added, and that is said");
    assert!(!shop::catalog::list(&shop, &ProductQuery::default(), 9).await.unwrap().items.is_empty(), "the shop goes on");
}
