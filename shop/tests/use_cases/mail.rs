//! Mail as it arrives: at a server that speaks SMTP, and in a folder.

use shop::jobs::mail::{Mail, MailError, Mailer, MemoryMailer};
use std::sync::{Arc, Mutex};
use std::time::Duration;
use tokio::io::{AsyncBufReadExt, AsyncWriteExt, BufReader};
use tokio::net::{TcpListener, TcpStream};

const FROM: &str = "Papier & Ink <shop@shop.example>";

fn mail(to: &str) -> Mail {
    Mail {
        message_id: "<0193abc@shop.example>".into(),
        to: to.into(),
        subject: "Your order".into(),
        text: "Thank you.\n".into(),
        html: "<p>Thank you.</p>".into(),
        reply_to: None,
        from_name: None,
    }
}

/// Everything that clients said, and the mails that were taken.
#[derive(Clone, Default)]
struct Sink {
    commands: Arc<Mutex<Vec<String>>>,
    mails: Arc<Mutex<Vec<String>>>,
    hangs_up_after_mail: bool,
}

impl Sink {
    /// A server that answers by the recipient, such as `busy@` with 451; the password is `right`.
    async fn listen(&self) -> String {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let host = listener.local_addr().unwrap().to_string();
        let sink = self.clone();
        tokio::spawn(async move {
            while let Ok((socket, _)) = listener.accept().await {
                tokio::spawn(sink.clone().serve(socket));
            }
        });
        host
    }

    async fn serve(self, socket: TcpStream) -> std::io::Result<()> {
        let (reader, mut writer) = socket.into_split();
        let mut lines = BufReader::new(reader).lines();
        writer.write_all(b"220 sink\r\n").await?;
        while let Some(line) = lines.next_line().await? {
            self.commands.lock().unwrap().push(line.clone());
            let answer = match line.to_ascii_uppercase() {
                line if line.starts_with("EHLO") => "250-sink\r\n250-AUTH PLAIN\r\n250 8BITMIME",
                line if line.starts_with("AUTH PLAIN") => {
                    if line == format!("AUTH PLAIN {}", data_encoding::BASE64.encode(b"\0ada\0right")).to_ascii_uppercase() {
                        "235 ok"
                    } else {
                        "535 5.7.8 no"
                    }
                }
                line if line.starts_with("RCPT TO:<BUSY@") => "451 4.7.1 later",
                line if line.starts_with("RCPT TO:<GONE@") => "550 5.1.1 no such person",
                line if line.starts_with("RCPT TO:<PRIVATE@") => "550 5.1.1 <private@example.com>: nobody of this name",
                line if line.starts_with("RCPT TO:<NEVER@") => {
                    tokio::time::sleep(Duration::from_secs(60)).await;
                    "250 ok"
                }
                line if line.starts_with("RCPT TO:<FULL@") => "452 4.2.2 mailbox full",
                line if line.starts_with("RCPT TO:<MOVED@") => "551-5.1.6 moved\r\n551 5.1.6 to somewhere else",
                line if line.starts_with("RCPT TO:<NONE@") => "501 5.1.3 bad address",
                line if line.starts_with("RCPT TO:<LIMIT@") => "550 5.4.5 daily limit exceeded",
                line if line.starts_with("RCPT TO:<UNSAID@") => "550 no",
                line if line.starts_with("RCPT TO:<SENDER@") => "553 5.1.8 nobody knows the sender",
                line if line.starts_with("RCPT TO:<SPAM@") => "554 5.7.1 we do not like your address",
                line if line == "DATA" => {
                    writer.write_all(b"354 go on\r\n").await?;
                    let mut text = String::new();
                    while let Some(line) = lines.next_line().await?.filter(|line| line != ".") {
                        text.push_str(&line);
                        text.push('\n');
                    }
                    self.commands.lock().unwrap().push(".".to_owned());
                    if text.contains("To: slow@") {
                        tokio::time::sleep(Duration::from_millis(300)).await;
                    }
                    if text.contains("To: unkept@") {
                        "451 4.3.0 not kept"
                    } else {
                        self.mails.lock().unwrap().push(text);
                        "250 taken"
                    }
                }
                line if line == "QUIT" => "221 bye",
                _ => "250 ok",
            };
            writer.write_all(format!("{answer}\r\n").as_bytes()).await?;
            if self.hangs_up_after_mail && answer == "250 taken" {
                break;
            }
        }
        Ok(())
    }

    fn mails(&self) -> Vec<String> {
        self.mails.lock().unwrap().clone()
    }
}

/// Waits until something has happened at the server; a test that waits in vain fails by its time limit.
async fn until(has_happened: impl Fn() -> bool) {
    while !has_happened() {
        tokio::time::sleep(Duration::from_millis(5)).await;
    }
}

async fn connected(sink: &Sink, user: &str) -> Arc<dyn Mailer> {
    shop::jobs::mail::open(&format!("smtp://{user}{}?tls=opportunistic", sink.listen().await), FROM).unwrap()
}

#[tokio::test]
async fn a_mail_arrives_as_text_and_html() {
    let sink = Sink::default();
    connected(&sink, "").await.send(&mail("ada@example.com")).await.unwrap();
    let [mail] = &sink.mails()[..] else { panic!("one mail") };
    for part in [
        "Message-ID: <0193abc@shop.example>",
        "To: ada@example.com",
        "Subject: Your order",
        "Auto-Submitted: auto-generated",
        "Date: ",
        "multipart/alternative",
        "text/plain; charset=utf-8",
        "text/html; charset=utf-8",
        "Thank you.",
        "<p>Thank you.</p>",
    ] {
        assert!(mail.contains(part), "{part} is not in\n{mail}");
    }
    let commands = sink.commands.lock().unwrap().join("\n");
    assert!(commands.contains("MAIL FROM:<shop@shop.example>") && commands.contains("RCPT TO:<ada@example.com>"), "{commands}");
}

#[tokio::test]
async fn a_refusal_is_told_by_its_codes_and_never_by_an_address() {
    let sink = Sink::default();
    let mailer = connected(&sink, "").await;
    let refused = |to: &'static str| {
        let mailer = mailer.clone();
        async move { mailer.send(&mail(to)).await.unwrap_err().to_string() }
    };
    assert_eq!(refused("private@example.com").await, "the mail was refused: 550 5.1.1");
    assert_eq!(refused("unsaid@example.com").await, "the mail server can't take it now: 550");
}

#[tokio::test]
async fn a_server_that_takes_too_long_is_left_and_the_next_mail_has_a_connection_of_its_own() {
    let sink = Sink::default();
    let url = format!("smtp://{}?tls=opportunistic", sink.listen().await);
    let mailer = shop::jobs::mail::SmtpMailer::connect(&url, FROM.parse().unwrap()).unwrap().within(Duration::from_millis(200));
    let slow = mailer.send(&mail("never@example.com")).await.unwrap_err();
    assert!(matches!(&slow, MailError::Transient(why) if why.contains("200ms")), "{slow}");
    mailer.send(&mail("ada@example.com")).await.unwrap();
    let [mail] = &sink.mails()[..] else { panic!("one mail") };
    assert!(mail.contains("To: ada@example.com"));
}

#[tokio::test]
async fn a_mail_whose_sender_lost_patience_does_not_answer_for_the_next() {
    let sink = Sink::default();
    let mailer = connected(&sink, "").await;
    let slow = mail("slow@example.com");
    tokio::select! {
        sent = mailer.send(&slow) => panic!("{sent:?} before patience was lost"),
        () = until(|| sink.commands.lock().unwrap().iter().any(|line| line == ".")) => {}
    }
    // The first is answered while the second is spoken, and the second is refused.
    tokio::time::sleep(Duration::from_millis(20)).await;
    let second = mailer.send(&mail("unkept@example.com")).await;
    assert!(matches!(second, Err(MailError::Transient(_))), "{second:?}");
    until(|| sink.mails().len() == 1).await;
    let third = mailer.send(&mail("unkept@example.com")).await;
    assert!(matches!(third, Err(MailError::Transient(_))), "{third:?}");
    assert_eq!(sink.mails().len(), 1);
}

#[tokio::test]
async fn a_refusal_for_now_is_told_from_one_for_good() {
    let sink = Sink::default();
    let mailer = connected(&sink, "").await;
    for to in ["busy", "full", "limit", "unsaid", "sender", "spam"] {
        let to = format!("{to}@example.com");
        assert!(matches!(mailer.send(&mail(&to)).await, Err(MailError::Transient(_))), "{to}");
    }
    for to in ["moved@example.com", "none@example.com"] {
        assert!(matches!(mailer.send(&mail(to)).await, Err(MailError::Permanent(_))), "{to}");
    }
    let error = mailer.send(&mail("gone@example.com")).await.unwrap_err();
    assert!(matches!(&error, MailError::Permanent(why) if why == "550 5.1.1"), "{error}");
    assert!(matches!(mailer.send(&mail("not an address")).await, Err(MailError::Permanent(_))));
    mailer.send(&mail("ada@example.com")).await.unwrap();
    assert_eq!(sink.mails().len(), 1);
}

#[tokio::test]
async fn a_wrong_password_costs_no_mail() {
    let sink = Sink::default();
    connected(&sink, "ada:right@").await.send(&mail("ada@example.com")).await.unwrap();
    let error = connected(&sink, "ada:wrong@").await.send(&mail("ada@example.com")).await.unwrap_err();
    assert!(matches!(error, MailError::Transient(_)), "{error}");
    assert!(!error.to_string().contains("wrong"));
    assert_eq!(sink.mails().len(), 1);
}

#[tokio::test]
async fn a_server_that_is_away_costs_no_mail() {
    let mailer = shop::jobs::mail::open("smtp://127.0.0.1:1", FROM).unwrap();
    assert!(matches!(mailer.send(&mail("ada@example.com")).await, Err(MailError::Transient(_))));
}

#[tokio::test]
async fn required_encryption_is_required() {
    let sink = Sink::default();
    let mailer = shop::jobs::mail::open(&format!("smtp://ada:right@{}?tls=required", sink.listen().await), FROM).unwrap();
    assert!(mailer.send(&mail("ada@example.com")).await.is_err());
    assert!(!sink.commands.lock().unwrap().iter().any(|line| line.starts_with("AUTH") || line.starts_with("MAIL")));
}

#[tokio::test]
async fn a_connection_is_kept_and_replaced_when_it_broke() {
    let kept = Sink::default();
    let mailer = connected(&kept, "").await;
    let broken = Sink { hangs_up_after_mail: true, ..Sink::default() };
    let hanging_up = connected(&broken, "").await;
    for _ in 0..3 {
        mailer.send(&mail("ada@example.com")).await.unwrap();
        hanging_up.send(&mail("ada@example.com")).await.unwrap();
        tokio::time::sleep(Duration::from_millis(50)).await;
    }
    let n_greetings = |sink: &Sink| sink.commands.lock().unwrap().iter().filter(|line| line.starts_with("EHLO")).count();
    assert_eq!((kept.mails().len(), n_greetings(&kept)), (3, 1));
    assert_eq!((broken.mails().len(), n_greetings(&broken)), (3, 3));
}

#[tokio::test]
async fn no_text_ends_a_mail_and_begins_another() {
    let sink = Sink::default();
    let smuggled = "a\n.\nMAIL FROM:<spy@evil.example>\nRCPT TO:<b@c.d>\nDATA\n\r\n.\r\nQUIT\r\nb\r.\rc\n";
    let nasty =
        Mail { text: smuggled.into(), html: smuggled.into(), subject: format!("x\r\n\r\n.\r\n{smuggled}"), ..mail("ada@example.com") };
    connected(&sink, "").await.send(&nasty).await.unwrap();
    assert_eq!(sink.mails().len(), 1);
    let commands = sink.commands.lock().unwrap().clone();
    assert_eq!(commands.iter().filter(|line| line.starts_with("MAIL")).count(), 1, "{commands:?}");
    let head = sink.mails()[0].split("\n\n").next().unwrap().to_owned();
    assert!(!head.lines().any(|line| line.starts_with("MAIL FROM") || line.starts_with("RCPT") || line == "."), "{head}");
}

#[tokio::test]
async fn a_mail_in_a_folder_lies_there_once_however_often_it_is_sent() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("mail");
    let mailer = shop::jobs::mail::open(&format!("dir://{}", path.display()), FROM).unwrap();
    for subject in ["first try", "second try"] {
        mailer.send(&Mail { subject: subject.into(), ..mail("ada@example.com") }).await.unwrap();
    }
    mailer.send(&Mail { message_id: "<0193abd@shop.example>".into(), ..mail("eve@example.com") }).await.unwrap();
    let mut names: Vec<_> = std::fs::read_dir(&path).unwrap().map(|entry| entry.unwrap().file_name().into_string().unwrap()).collect();
    names.sort();
    assert_eq!(names, ["0193abc.eml", "0193abd.eml"]);
    let text = std::fs::read_to_string(path.join(&names[0])).unwrap();
    assert!(text.contains("Subject: second try\r\n") && text.contains("To: ada@example.com\r\n"), "{text}");
}

#[cfg(unix)]
#[tokio::test]
async fn a_mail_in_a_folder_is_for_its_user_alone() {
    use std::os::unix::fs::PermissionsExt;
    let folder = tempfile::tempdir().unwrap();
    let mailer = shop::jobs::mail::open(&format!("dir://{}", folder.path().display()), FROM).unwrap();
    mailer.send(&mail("ada@example.com")).await.unwrap();
    for entry in std::fs::read_dir(folder.path()).unwrap() {
        assert_eq!(entry.unwrap().metadata().unwrap().permissions().mode() & 0o777, 0o600);
    }
    std::fs::remove_dir_all(folder.path()).unwrap();
    assert!(matches!(mailer.send(&mail("ada@example.com")).await, Err(MailError::Transient(_))));
}

#[tokio::test]
async fn the_mailer_of_tests_fails_as_often_as_it_is_told() {
    let mailer = MemoryMailer::default();
    mailer.fail(1);
    assert!(matches!(mailer.send(&mail("ada@example.com")).await, Err(MailError::Transient(_))));
    mailer.send(&mail("ada@example.com")).await.unwrap();
    assert_eq!(mailer.sent(), [mail("ada@example.com")]);
}

#[test]
fn what_cannot_be_opened_is_refused_in_words_and_without_the_password() {
    for (url, from, hint) in [
        ("", FROM, "smtp://"),
        ("http://ada:secret@x", FROM, "smtp://"),
        ("smtps://ada:secret@:x", FROM, "can't be read"),
        ("dir://relative/path", FROM, "absolute"),
        ("dir:///proc/nowhere", FROM, "can't be made"),
        ("dir:///tmp", "a@b.c\r\nBcc: d@e.f", "sender"),
        ("dir:///tmp", "", "sender"),
    ] {
        let error = shop::jobs::mail::open(url, from).map(drop).unwrap_err().to_string();
        assert!(error.contains(hint) && !error.contains("secret"), "{url}: {error}");
    }
}
