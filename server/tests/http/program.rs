//! The program: what it refuses to start with, in one line and with exit code 2.

use std::io::{BufRead, BufReader};
use std::process::{Command, Output, Stdio};
use std::time::Duration;

fn program(args: &[&str], variables: &[(&str, &str)]) -> Output {
    let mut command = Command::new(env!("CARGO_BIN_EXE_weightless"));
    command.args(args).env_clear().envs(variables.iter().copied()).stdin(Stdio::null());
    command.output().unwrap()
}

fn refusal(args: &[&str], variables: &[(&str, &str)]) -> String {
    let output = program(args, variables);
    let text = String::from_utf8_lossy(&output.stderr).into_owned();
    assert_eq!(output.status.code(), Some(2), "{text}");
    text.lines().last().unwrap_or_default().to_owned()
}

struct Environment {
    folder: tempfile::TempDir,
}

impl Environment {
    fn new() -> Self {
        Self { folder: tempfile::tempdir().unwrap() }
    }

    fn with(&self, changes: &[(&'static str, &str)]) -> Vec<(&'static str, String)> {
        let path = |name: &str| self.folder.path().join(name).display().to_string();
        let mut all = vec![
            ("SHOP_LISTEN", "127.0.0.1:0".to_owned()),
            ("SHOP_BASE_URL", "http://127.0.0.1".to_owned()),
            ("SHOP_DATABASE_URL", format!("sqlite://{}", path("shop.db"))),
            ("SHOP_FILES_URL", format!("file://{}", path("files"))),
            ("SHOP_MAIL_URL", format!("dir://{}", path("mail"))),
            ("SHOP_MAIL_FROM", "shop@example.com".to_owned()),
            ("SHOP_SECRET_KEY", "0123456789abcdef0123456789abcdef".to_owned()),
            ("STRIPE_SECRET_KEY", "sk_test_1".to_owned()),
            ("STRIPE_WEBHOOK_SECRET", "whsec_1".to_owned()),
        ];
        for (name, value) in changes {
            all.retain(|(known, _)| known != name);
            all.push((name, (*value).to_owned()));
        }
        all
    }

    fn refusal(&self, args: &[&str], changes: &[(&'static str, &str)]) -> String {
        let all = self.with(changes);
        refusal(args, &all.iter().map(|(name, value)| (*name, value.as_str())).collect::<Vec<_>>())
    }
}

#[test]
fn what_it_can_not_run_with_is_said_in_one_line() {
    let environment = Environment::new();
    let taken = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
    let address = taken.local_addr().unwrap().to_string();
    for (variable, value, said) in [
        ("SHOP_LISTN", "127.0.0.1:1", "SHOP_LISTN"),
        ("SHOP_BASE_URL", "", "SHOP_BASE_URL"),
        ("SHOP_DATABASE_URL", "", "SHOP_DATABASE_URL"),
        ("SHOP_DATABASE_URL", "mysql://x", "database URL"),
        ("SHOP_DATABASE_URL", "postgres://me:hunter2@127.0.0.1:1/shop", "can't be reached"),
        ("STRIPE_WEBHOOK_SECRET", "", "STRIPE_WEBHOOK_SECRET"),
        ("SHOP_SECRET_KEY", "short", "32 bytes"),
        ("SHOP_FILES_URL", "ftp://x", "SHOP_FILES_URL"),
        ("SHOP_MAIL_URL", "carrier-pigeon://x", "SHOP_MAIL_URL"),
        ("SHOP_LISTEN", address.as_str(), "can't be listened on"),
    ] {
        let text = environment.refusal(&["serve"], &[(variable, value)]);
        assert!(text.contains(said), "{variable}={value}: {text}");
        assert!(!text.contains("hunter2"), "{text}");
    }
}

#[test]
fn every_command_explains_itself() {
    let whole = program(&["--help"], &[]);
    let text = String::from_utf8_lossy(&whole.stdout).into_owned();
    for command in ["serve", "work", "migrate", "demo", "stripe-emulator", "notices", "admin"] {
        assert!(text.contains(command), "{text}");
        assert!(program(&[command, "--help"], &[]).status.success(), "{command}");
    }
    for act in ["create-owner", "create-api-key", "load-sample"] {
        assert!(program(&["admin", act, "--help"], &[]).status.success(), "{act}");
    }
    assert_eq!(program(&["sell"], &[]).status.code(), Some(2));
}

#[test]
fn the_licenses_of_what_it_is_made_of_are_in_it() {
    let shown = program(&["notices"], &[]);
    let text = String::from_utf8_lossy(&shown.stdout);
    assert!(shown.status.success() && shown.stderr.is_empty());
    for work in ["MIT License", "Apache License", "axum", "leptos", "Inter", "Lucide", "Tailwind CSS"] {
        assert!(text.contains(work), "{work}");
    }
}

#[test]
fn the_demo_and_the_emulator_stay_on_this_machine() {
    assert!(refusal(&["demo", "--listen", "0.0.0.0:0"], &[]).contains("loopback"));
    assert!(refusal(&["stripe-emulator", "--listen", "0.0.0.0:0"], &[]).contains("loopback"));
}

#[test]
fn an_operator_sets_up_a_shop_from_the_command_line() {
    let environment = Environment::new();
    let all = environment.with(&[]);
    let variables: Vec<_> = all.iter().map(|(name, value)| (*name, value.as_str())).collect();
    assert!(program(&["migrate"], &variables).status.success());
    let mut owner = Command::new(env!("CARGO_BIN_EXE_weightless"))
        .args(["admin", "create-owner", "--email", "owner@example.com"])
        .env_clear()
        .envs(variables.iter().copied())
        .stdin(Stdio::piped())
        .stderr(Stdio::null())
        .spawn()
        .unwrap();
    std::io::Write::write_all(owner.stdin.as_mut().unwrap(), b"a good password\n").unwrap();
    assert!(owner.wait().unwrap().success());
    let key = program(&["admin", "create-api-key", "--email", "owner@example.com"], &variables);
    let text = String::from_utf8(key.stdout).unwrap();
    assert!(text.starts_with("wl_") && text.lines().count() == 1, "{text}");
    assert!(refusal(&["admin", "create-api-key", "--email", "who@example.com"], &variables).contains("no member"));
    assert!(program(&["admin", "load-sample"], &variables).status.success());
}

#[test]
fn a_database_of_a_newer_release_is_served_or_refused_with_what_to_do() {
    let environment = Environment::new();
    let all = environment.with(&[]);
    let variables: Vec<_> = all.iter().map(|(name, value)| (*name, value.as_str())).collect();
    assert!(program(&["migrate"], &variables).status.success());
    let run = |sql: &str| {
        let url = format!("sqlite://{}", environment.folder.path().join("shop.db").display());
        let runtime = tokio::runtime::Runtime::new().unwrap();
        runtime.block_on(async {
            let db = shop::base::database::connect(&url).await.unwrap();
            sea_orm::ConnectionTrait::execute_unprepared(&db, sql).await.unwrap();
        });
    };
    run("INSERT INTO seaql_migrations (version, applied_at) VALUES ('m29990101_000001_tomorrow', 1)");
    assert!(program(&["migrate"], &variables).status.success(), "what a newer release added is passed over");
    run("INSERT INTO schema_notes (version, needs) VALUES ('m29990101_000001_tomorrow', 'm29990101_000001_tomorrow')");
    for command in ["serve", "work", "migrate"] {
        let text = environment.refusal(&[command], &[]);
        assert!(text.contains("too old") && text.contains("m29990101_000001_tomorrow"), "{command}: {text}");
    }
}

#[test]
fn a_backup_is_restored_as_the_documentation_says() {
    let environment = Environment::new();
    let all = environment.with(&[]);
    let variables: Vec<_> = all.iter().map(|(name, value)| (*name, value.as_str())).collect();
    let to = environment.folder.path().join("backup").display().to_string();
    assert!(environment.refusal(&["backup", "--to", &to], &[]).contains("database can't be opened"), "nothing is made where no shop is");
    assert!(program(&["admin", "load-sample"], &variables).status.success());
    let made = program(&["backup", "--to", &to], &variables);
    let said = String::from_utf8_lossy(&made.stderr).into_owned();
    assert_eq!(made.status.code(), Some(0), "{said}");
    assert!(said.contains("copying the database") && said.contains("done: "), "{said}");
    let folder = String::from_utf8(made.stdout).unwrap();
    assert_eq!(folder.lines().count(), 1, "{folder}");
    let folder = std::path::Path::new(folder.trim());
    assert!(folder.join("manifest.json").is_file());

    let target = Environment::new();
    std::fs::copy(folder.join("shop.db"), target.folder.path().join("shop.db")).unwrap();
    let files = target.folder.path().join("files");
    assert!(Command::new("cp").arg("-r").arg(format!("{to}/objects/.")).arg(&files).status().unwrap().success());
    let restored = target.with(&[]);
    let variables: Vec<_> = restored.iter().map(|(name, value)| (*name, value.as_str())).collect();
    assert!(program(&["migrate"], &variables).status.success());
    let again = target.folder.path().join("again").display().to_string();
    assert_eq!(program(&["backup", "--to", &again], &variables).status.code(), Some(0), "all files are where the database says");

    std::fs::remove_dir_all(&files).unwrap();
    let gone = program(&["backup", "--to", &again], &variables);
    assert_eq!(gone.status.code(), Some(0), "they were copied before");
    std::fs::remove_dir_all(&again).unwrap();
    let gone = program(&["backup", "--to", &again], &variables);
    assert_eq!((gone.status.code(), gone.stdout.len()), (Some(1), 0), "{}", String::from_utf8_lossy(&gone.stderr));
    let postgres = [("SHOP_DATABASE_URL", "postgres://me:hunter2@127.0.0.1:1/shop")];
    let text = environment.refusal(&["backup", "--to", &to], &postgres);
    assert!(text.contains("can't be reached") && !text.contains("hunter2"), "{text}");
}

#[test]
fn it_serves_and_ends_when_it_is_told_to() {
    let environment = Environment::new();
    let all = environment.with(&[("SHOP_METRICS_LISTEN", "127.0.0.1:0")]);
    let mut child = Command::new(env!("CARGO_BIN_EXE_weightless"))
        .arg("serve")
        .env_clear()
        .envs(all.iter().map(|(name, value)| (*name, value.as_str())))
        .stderr(Stdio::piped())
        .spawn()
        .unwrap();
    let mut log = BufReader::new(child.stderr.take().unwrap());
    let listen = address_after(&mut log, "serving http");
    let metrics = address_after(&mut log, "metrics at");
    // A pipe that nobody reads would hold it up.
    std::thread::spawn(move || std::io::copy(&mut log, &mut std::io::sink()));
    let answer = ask(&listen, "/readyz");
    assert!(answer.starts_with("HTTP/1.1 200"), "{answer}");
    assert!(ask(&listen, "/healthz").ends_with("ok"));
    let told = ask(&metrics, "/metrics");
    for name in ["inbox_events_total", "jobs_total", "refunds_total", "mismatches_total", "dead_letters_total", "inbox_waiting 0"] {
        assert!(told.contains(name), "{name} is not in {told}");
    }
    assert!(told.contains("axum_http_requests_total") && told.contains("/readyz"), "{told}");
    assert!(ask(&listen, "/metrics").starts_with("HTTP/1.1 404"), "metrics are no business of shoppers");
    assert!(Command::new("kill").arg(child.id().to_string()).status().unwrap().success());
    assert!(child.wait().unwrap().success());
}

#[test]
fn balancers_are_told_before_it_ends() {
    let environment = Environment::new();
    let all = environment.with(&[("SHOP_DRAIN_SECS", "300")]);
    let mut child = Command::new(env!("CARGO_BIN_EXE_weightless"))
        .arg("serve")
        .env_clear()
        .envs(all.iter().map(|(name, value)| (*name, value.as_str())))
        .stdout(Stdio::null())
        .stderr(Stdio::piped())
        .spawn()
        .unwrap();
    let mut log = BufReader::new(child.stderr.take().unwrap());
    let listen = address_after(&mut log, "serving http");
    std::thread::spawn(move || std::io::copy(&mut log, &mut std::io::sink()));
    assert!(ask(&listen, "/readyz").starts_with("HTTP/1.1 200"));
    let stop = || assert!(Command::new("kill").arg(child.id().to_string()).status().unwrap().success());
    stop();
    let is_told = (0..200).any(|_| {
        std::thread::sleep(Duration::from_millis(20));
        ask(&listen, "/readyz").starts_with("HTTP/1.1 503")
    });
    assert!(is_told, "it says that it is ready while it stops");
    let answer = ask(&listen, "/healthz");
    assert!(answer.starts_with("HTTP/1.1 200") && answer.contains("connection: close"), "everybody is still served: {answer}");
    // Asked again, it does not wait.
    let id = child.id().to_string();
    for _ in 0..200 {
        if let Some(status) = child.try_wait().unwrap() {
            assert!(status.success());
            return;
        }
        assert!(Command::new("kill").arg(&id).status().unwrap().success());
        std::thread::sleep(Duration::from_millis(50));
    }
    panic!("it does not end");
}

/// The address that the next line of the log with these words names.
fn address_after(log: &mut impl BufRead, words: &str) -> String {
    let line = log.lines().map(Result::unwrap).find(|line| line.contains(words)).expect("it ended before it served");
    line.split_once("address=").unwrap().1.split_whitespace().next().unwrap().to_owned()
}

/// Asks until somebody answers.
fn ask(address: &str, path: &str) -> String {
    use std::io::{Read, Write};
    for _ in 0..200 {
        if let Ok(mut stream) = std::net::TcpStream::connect(address) {
            write!(stream, "GET {path} HTTP/1.1\r\nhost: {address}\r\nconnection: close\r\n\r\n").unwrap();
            let mut text = String::new();
            stream.read_to_string(&mut text).unwrap();
            return text;
        }
        std::thread::sleep(Duration::from_millis(50));
    }
    panic!("nobody answers at {address}");
}
