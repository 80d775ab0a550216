//! Members: how the first one claims the shop, how they get in, and what becomes of them.

use crate::support::{Engine, TestShop};
use domain::member::{MemberView, Permission, Role};
use domain::pages::settings::StoreSettings;
use shop::Error;
use shop::accounts::audit::{Actor, AuditQuery};
use shop::accounts::sessions::{self, Origin, SessionId, SignIn};
use shop::accounts::{self, Knock, NewKey, NewShop, Purpose, Try};
use shop_testing::on_both_databases;
use std::sync::atomic::Ordering;

const PASSWORD: &str = "correct horse battery";

fn claim_of(test: &TestShop, email: &str) -> NewShop {
    NewShop {
        code: accounts::setup_code(&test.shop),
        store_name: "Quiet Press".to_owned(),
        currency: "eur".to_owned(),
        time_zone: "Europe/Berlin".to_owned(),
        email: email.to_owned(),
        password: PASSWORD.to_owned(),
    }
}

fn code(error: &Error) -> &'static str {
    error.answer().1
}

async fn member(test: &TestShop, session: SessionId) -> MemberView {
    sessions::find(&test.shop, session).await.unwrap().unwrap().member
}

async fn begin(test: &TestShop, sign_in: shop::Result<SignIn>) -> SessionId {
    sessions::begin(&test.shop, &sign_in.unwrap()).await.unwrap()
}

async fn owner(test: &TestShop) -> (MemberView, SessionId) {
    let session = begin(test, accounts::claim(&test.shop, claim_of(test, "ada@example.com"), &Origin::default()).await).await;
    (member(test, session).await, session)
}

/// The token of the link in the last mail to this address.
async fn mailed_token(test: &TestShop, to: &str) -> String {
    shop::jobs::run_once(&test.shop).await.unwrap();
    let mails = test.mail.sent();
    let mail = mails.iter().rev().find(|mail| mail.to == to).unwrap_or_else(|| panic!("no mail to {to}"));
    let url = mail.text.lines().find(|line| line.contains("/sign-in/")).unwrap();
    url.rsplit('/').next().unwrap().to_owned()
}

async fn save(test: &TestShop, by: &Actor, new: StoreSettings) -> shop::Result<()> {
    shop::stores::settings::change(&test.shop, by, None, |settings| *settings = new.clone()).await
}

#[on_both_databases]
async fn of_many_who_claim_a_shop_at_once_one_has_it(engine: Engine) {
    let test = TestShop::open(engine).await;
    assert!(!accounts::is_claimed(&test.shop).await.unwrap());
    let claims = (0..6).map(|n| {
        let (shop, new) = (test.shop.clone(), claim_of(&test, &format!("owner{n}@example.com")));
        tokio::spawn(async move { accounts::claim(&shop, new, &Origin::default()).await })
    });
    let mut n_claimed = 0;
    for claim in futures::future::join_all(claims).await {
        match claim.unwrap() {
            Ok(_) => n_claimed += 1,
            Err(error) => assert_eq!(code(&error), "already_claimed"),
        }
    }
    assert_eq!((n_claimed, test.count("members").await), (1, 1));
    let settings = shop::stores::settings::load(&test.shop).await.unwrap();
    assert_eq!((settings.name.as_str(), settings.currency.as_str(), settings.time_zone.as_str()), ("Quiet Press", "EUR", "Europe/Berlin"));
}

#[on_both_databases]
async fn a_claim_that_is_wrong_in_any_way_changes_nothing(engine: Engine) {
    let test = TestShop::open(engine).await;
    let good = claim_of(&test, "ada@example.com");
    for (wrong, expected) in [
        (NewShop { code: "guess".into(), ..good.clone() }, "setup_code_wrong"),
        (NewShop { store_name: " ".into(), ..good.clone() }, "store_name_invalid"),
        (NewShop { currency: "XXX".into(), ..good.clone() }, "currency_invalid"),
        (NewShop { time_zone: "Mars/Olympus".into(), ..good.clone() }, "time_zone_unknown"),
        (NewShop { email: "ada".into(), ..good.clone() }, "email_invalid"),
        (NewShop { password: "password1".into(), ..good.clone() }, "password_invalid"),
    ] {
        assert_eq!(code(&accounts::claim(&test.shop, wrong, &Origin::default()).await.err().unwrap()), expected);
    }
    assert!(!accounts::is_claimed(&test.shop).await.unwrap());
    assert_eq!(test.count("members").await, 0);
}

#[on_both_databases]
async fn a_mailed_link_lets_its_member_in_once(engine: Engine) {
    let test = TestShop::open(engine).await;
    owner(&test).await;
    accounts::request_link(&test.shop, "Ada@example.com").await.unwrap();
    accounts::request_link(&test.shop, "nobody@example.com").await.unwrap();
    test.eventually("entry_links", 1).await;
    let token = mailed_token(&test, "ada@example.com").await;
    assert_eq!(test.mail.sent().len(), 1, "nobody else has a mail");
    let entry = accounts::open_entry(&test.shop, &token).await.unwrap().unwrap();
    assert_eq!((entry.purpose, entry.email.as_str(), entry.needs_password), (Purpose::SignIn, "ada@example.com", false));
    let entries = (0..4).map(|_| {
        let (shop, token) = (test.shop.clone(), token.clone());
        tokio::spawn(async move { accounts::enter(&shop, &token, "", &Origin::default()).await })
    });
    let entered = futures::future::join_all(entries).await.into_iter().filter(|entry| entry.as_ref().unwrap().is_ok()).count();
    assert_eq!(entered, 1);
    assert!(accounts::open_entry(&test.shop, &token).await.unwrap().is_none());
    assert!(accounts::open_entry(&test.shop, "'; DROP TABLE members; --").await.unwrap().is_none());
}

#[on_both_databases]
async fn a_link_ends_after_ten_minutes_and_five_are_enough(engine: Engine) {
    let test = TestShop::open(engine).await;
    owner(&test).await;
    for _ in 0..8 {
        accounts::request_link(&test.shop, "ada@example.com").await.unwrap();
    }
    test.eventually("entry_links", 5).await;
    let token = mailed_token(&test, "ada@example.com").await;
    test.clock.fetch_add(10 * 60 * 1000, Ordering::SeqCst);
    let late = accounts::enter(&test.shop, &token, "", &Origin::default()).await.err().unwrap();
    assert_eq!((late.answer().0, code(&late)), (410, "link_over"));
}

#[on_both_databases]
async fn who_forgot_the_password_comes_in_by_mail_and_chooses_another(engine: Engine) {
    let test = TestShop::open(engine).await;
    let (ada, old_session) = owner(&test).await;
    accounts::request_link(&test.shop, "ada@example.com").await.unwrap();
    test.eventually("entry_links", 1).await;
    let token = mailed_token(&test, "ada@example.com").await;
    let session = begin(&test, accounts::enter(&test.shop, &token, "", &Origin::default()).await).await;
    let wrong = accounts::change_password(&test.shop, &ada, old_session, "guess", "another good one").await.unwrap_err();
    assert_eq!(code(&wrong), "password_wrong", "a session by password needs the old one");
    accounts::change_password(&test.shop, &ada, session, "", "another good one").await.unwrap();
    assert!(sessions::find(&test.shop, old_session).await.unwrap().is_none(), "who knew the old one is out");
    assert!(sessions::find(&test.shop, session).await.unwrap().is_some());
    let origin = Origin::default();
    assert!(accounts::sign_in(&test.shop, "ada@example.com", PASSWORD, &origin).await.is_err());
    accounts::sign_in(&test.shop, "ada@example.com", "another good one", &origin).await.unwrap();
    test.clock.fetch_add(16 * 60 * 1000, Ordering::SeqCst);
    assert!(accounts::change_password(&test.shop, &ada, session, "", "a third good one").await.is_err(), "the link is long ago");
}

#[on_both_databases]
async fn a_member_is_invited_helps_and_is_taken_away(engine: Engine) {
    let test = TestShop::open(engine).await;
    let (ada, _) = owner(&test).await;
    let by = Actor::from(&ada);
    let id = accounts::invite(&test.shop, &by, Role::Owner, "bob@example.com", Role::Support, None).await.unwrap().to_string();
    let twice = accounts::invite(&test.shop, &by, Role::Owner, "bob+x@example.com", Role::Support, None).await.unwrap_err();
    assert_eq!(code(&twice), "email_taken");
    let first = mailed_token(&test, "bob@example.com").await;
    accounts::invite_again(&test.shop, &by, &id).await.unwrap();
    let token = mailed_token(&test, "bob@example.com").await;
    assert!(accounts::open_entry(&test.shop, &first).await.unwrap().is_none(), "the later link is the one that works");
    let weak = accounts::enter(&test.shop, &token, "short", &Origin::default()).await.err().unwrap();
    assert_eq!(code(&weak), "password_invalid");
    let session = begin(&test, accounts::enter(&test.shop, &token, PASSWORD, &Origin::default()).await).await;
    let bob = member(&test, session).await;
    assert_eq!((bob.email.as_str(), bob.role), ("bob@example.com", Role::Support));
    accounts::change_role(&test.shop, &by, Role::Owner, &id, Role::Admin).await.unwrap();
    assert_eq!(member(&test, session).await.role, Role::Admin, "the role counts from the next request on");
    let key_id =
        accounts::create_key(&test.shop, &member(&test, session).await, NewKey { name: "k".into(), scopes: None }, None).await.unwrap();
    let key = accounts::take_key(&test.shop, &bob, &key_id.to_string()).await.unwrap().unwrap();
    assert!(accounts::find_api_key(&test.shop, &key).await.unwrap().is_some());
    accounts::remove(&test.shop, &by, Role::Owner, &id).await.unwrap();
    assert!(sessions::find(&test.shop, session).await.unwrap().is_none());
    assert!(accounts::find_api_key(&test.shop, &key).await.unwrap().is_none());
    assert!(accounts::sign_in(&test.shop, "bob@example.com", PASSWORD, &Origin::default()).await.is_err());
    // Invited once more, Bob is who he was, with no password left over.
    let again = accounts::invite(&test.shop, &by, Role::Owner, "bob@example.com", Role::Analyst, None).await.unwrap().to_string();
    assert_eq!(again, id);
    let token = mailed_token(&test, "bob@example.com").await;
    assert!(accounts::open_entry(&test.shop, &token).await.unwrap().unwrap().needs_password);
    let acts: Vec<String> = shop::accounts::audit::list(&test.shop, &AuditQuery { kind: Some("member".into()), ..AuditQuery::default() })
        .await
        .unwrap()
        .items
        .into_iter()
        .rev()
        .map(|entry| entry.act)
        .collect();
    assert_eq!(acts, ["invited", "invited", "joined", "role_changed", "removed", "invited"]);
}

#[on_both_databases]
async fn the_shop_keeps_an_owner_even_when_two_leave_at_once(engine: Engine) {
    let test = TestShop::open(engine).await;
    let (ada, _) = owner(&test).await;
    accounts::create_owner(&test.shop, "bea@example.com", PASSWORD).await.unwrap();
    let members = accounts::list_members(&test.shop).await.unwrap();
    let admin = accounts::change_role(&test.shop, &Actor::from(&ada), Role::Admin, &members[0].id.to_string(), Role::Analyst).await;
    assert!(matches!(admin, Err(Error::Forbidden)), "an admin unmakes no owner");
    let leaving = members.iter().map(|row| {
        let (shop, by, id) = (test.shop.clone(), Actor::from(&ada), row.id.to_string());
        tokio::spawn(async move { accounts::change_role(&shop, &by, Role::Owner, &id, Role::Analyst).await })
    });
    let outcomes = futures::future::join_all(leaving).await;
    let refused: Vec<&'static str> = outcomes.iter().filter_map(|outcome| outcome.as_ref().unwrap().as_ref().err().map(code)).collect();
    assert_eq!(refused, ["last_owner"]);
    assert_eq!(test.count("members WHERE role = 'owner'").await, 1);
}

#[on_both_databases]
async fn a_key_is_shown_once_and_does_what_it_was_made_for(engine: Engine) {
    let test = TestShop::open(engine).await;
    let (ada, _) = owner(&test).await;
    let new = NewKey { name: "Reports".into(), scopes: Some(vec![Permission::SeeSales]) };
    let id = accounts::create_key(&test.shop, &ada, new, None).await.unwrap().to_string();
    let key = accounts::take_key(&test.shop, &ada, &id).await.unwrap().unwrap();
    assert!(accounts::take_key(&test.shop, &ada, &id).await.unwrap().is_none(), "shown once");
    let holder = accounts::find_api_key(&test.shop, &key).await.unwrap().unwrap();
    assert!(holder.check(Permission::SeeSales).is_ok());
    assert!(matches!(holder.check(Permission::Refund), Err(Error::Forbidden)));
    let keys = accounts::list_keys(&test.shop).await.unwrap();
    assert_eq!(keys[0].last_used_at, Some(test.shop.clock.now_ms()));
    accounts::revoke_key(&test.shop, &Actor::from(&ada), &id).await.unwrap();
    assert!(accounts::find_api_key(&test.shop, &key).await.unwrap().is_none());
    assert!(matches!(accounts::revoke_key(&test.shop, &Actor::from(&ada), &id).await, Err(Error::NotFound)));
    let kept = format!("{:?}", shop::accounts::audit::list(&test.shop, &AuditQuery::default()).await.unwrap());
    assert!(!kept.contains(&key), "the log holds no key");
}

#[on_both_databases]
async fn the_audit_log_is_only_added_to(engine: Engine) {
    let test = TestShop::open(engine).await;
    let (ada, _) = owner(&test).await;
    let mut settings = shop::stores::settings::load(&test.shop).await.unwrap();
    settings.tagline = "Books that weigh nothing".to_owned();
    save(&test, &Actor::from(&ada), settings.clone()).await.unwrap();
    save(&test, &Actor::from(&ada), settings).await.unwrap();
    let list = shop::accounts::audit::page(&test.shop, &AuditQuery { actor: Some("ADA".into()), ..AuditQuery::default() }).await.unwrap();
    let acts: Vec<&str> = list.entries.iter().map(|entry| entry.act.as_str()).collect();
    assert_eq!(acts, ["updated", "claimed"], "what changes nothing is no action");
    let change = ("tagline".to_owned(), Some("Goods that weigh nothing".to_owned()), Some("Books that weigh nothing".to_owned()));
    assert_eq!(list.entries[0].changes, [change], "what stayed is left out");
    assert_eq!(shop::accounts::audit::kinds(&test.shop).await.unwrap(), ["settings", "store"]);
    for sql in ["DELETE FROM audit_entries", "UPDATE audit_entries SET act = 'x'"] {
        assert!(test.try_run(sql).await.is_err(), "{sql}");
    }
}

#[on_both_databases]
async fn settings_that_are_wrong_are_refused_whole(engine: Engine) {
    let test = TestShop::open(engine).await;
    let stands = shop::stores::settings::load(&test.shop).await.unwrap();
    let by = Actor::operator();
    let with = |change: fn(&mut domain::pages::settings::StoreSettings)| {
        let mut new = stands.clone();
        new.tagline = "changed".to_owned();
        change(&mut new);
        new
    };
    for (new, expected) in [
        (with(|new| new.name = "\u{7}".to_owned()), "store_name_invalid"),
        (with(|new| new.tax_id = "x".repeat(201)), "line_invalid"),
        (with(|new| new.currency = "GOLD".to_owned()), "currency_invalid"),
        (with(|new| new.time_zone = "../../etc/passwd".to_owned()), "time_zone_unknown"),
        (with(|new| new.support_email = Some("nobody".to_owned())), "support_email_invalid"),
        (with(|new| new.download_limit = Some(0)), "limit_invalid"),
        (with(|new| new.terms_text = "x".repeat(50_001)), "policy_invalid"),
    ] {
        assert_eq!(code(&save(&test, &by, new).await.unwrap_err()), expected);
    }
    assert_eq!(shop::stores::settings::load(&test.shop).await.unwrap(), stands);
    test.stock().await;
    test.start("a-gift", "free", 1).await;
    let late = with(|new| new.currency = "EUR".to_owned());
    assert_eq!(code(&save(&test, &by, late).await.unwrap_err()), "currency_in_use");
}

#[on_both_databases]
async fn a_text_of_the_store_has_a_page_and_carries_no_script(engine: Engine) {
    let test = TestShop::open(engine).await;
    let mut settings = shop::stores::settings::load(&test.shop).await.unwrap();
    settings.refund_text = "Within *14 days*. <script>alert(1)</script>".to_owned();
    save(&test, &Actor::operator(), settings).await.unwrap();
    use domain::pages::settings::Policy;
    let html = shop::stores::settings::policy(&test.shop, Policy::Refunds).await.unwrap().unwrap();
    assert!(html.contains("<em>14 days</em>") && !html.contains("script"), "{html}");
    assert!(shop::stores::settings::policy(&test.shop, Policy::Terms).await.unwrap().is_none());
    assert_eq!(shop::stores::face(&test.shop).await.unwrap().policies, [Policy::Refunds]);
}

#[on_both_databases]
async fn what_anybody_tries_first_is_refused_wherever_a_password_is_set(engine: Engine) {
    let test = TestShop::open(engine).await;
    for weak in ["computer", "ada@example.com", "Quiet Press", "weightless1"] {
        let claim = NewShop { password: weak.to_owned(), ..claim_of(&test, "ada@example.com") };
        assert_eq!(code(&accounts::claim(&test.shop, claim, &Origin::default()).await.err().unwrap()), "password_invalid", "{weak}");
    }
    let (ada, session) = owner(&test).await;
    accounts::invite(&test.shop, &Actor::from(&ada), Role::Owner, "bob@example.com", Role::Support, None).await.unwrap();
    let token = mailed_token(&test, "bob@example.com").await;
    for weak in
        ["jennifer", "987654321", "123123123", "abcd1234", "qwer1234", "dragon12", "liverpool", "whatever", "1qazxsw2", "QuietPress"]
    {
        let refusals = [
            accounts::create_owner(&test.shop, "cleo@example.com", weak).await.err(),
            accounts::set_password(&test.shop, "ada@example.com", weak).await.err(),
            accounts::change_password(&test.shop, &ada, session, PASSWORD, weak).await.err(),
            accounts::enter(&test.shop, &token, weak, &Origin::default()).await.err(),
        ];
        assert_eq!(refusals.map(|refusal| code(&refusal.unwrap())), ["password_invalid"; 4], "{weak}");
    }
    accounts::enter(&test.shop, &token, &"long and longer ".repeat(60), &Origin::default()).await.unwrap();
}

#[on_both_databases]
async fn tries_are_counted_by_address_and_client_and_end_with_time(engine: Engine) {
    let test = TestShop::open(engine).await;
    let (ada, _) = owner(&test).await;
    let from = |network: &str| Knock { network: network.to_owned(), was_here: None, scale: 1.0 };
    let knocks = async |email: &str, knock: &Knock| accounts::count_try(&test.shop, Try::Password, email, knock).await.is_ok();
    for email in ["ada@example.com", "nobody@example.com"] {
        for _ in 0..10 {
            assert!(knocks(email, &from("203.0.113.1")).await);
        }
        assert!(!knocks(&email.to_uppercase(), &from("203.0.113.1")).await, "{email}");
        assert!(knocks(email, &from("203.0.113.2")).await, "another client has a bucket of its own");
    }
    let home = Knock { was_here: Some(accounts::was_here_mark(&test.shop, ada.id)), ..from("203.0.113.1") };
    assert!(knocks("ada@example.com", &home).await, "so has a browser that was here");
    assert!(!knocks("nobody@example.com", &home).await, "for its own member alone");
    assert!(accounts::count_try(&test.shop, Try::Link, "ada@example.com", &from("203.0.113.1")).await.is_ok());
    // What one client is refused uses nothing up of the tries of all.
    for _ in 0..200 {
        assert!(!knocks("ada@example.com", &from("203.0.113.1")).await);
    }
    assert!(knocks("ada@example.com", &from("203.0.113.3")).await);
    test.clock.fetch_add(15 * 60 * 1000, Ordering::SeqCst);
    assert!(knocks("ada@example.com", &from("203.0.113.1")).await);
    accounts::forget_tries(&test.shop, "ada@example.com", &from("203.0.113.1")).await.unwrap();
    for _ in 0..10 {
        assert!(knocks("ada@example.com", &from("203.0.113.1")).await);
    }
    test.clock.fetch_add(60 * 60 * 1000, Ordering::SeqCst);
    assert!(knocks("ada@example.com", &from("203.0.113.1")).await);
}

#[on_both_databases]
async fn a_session_that_nobody_uses_ends_after_a_fortnight(engine: Engine) {
    const DAY_MS: i64 = 24 * 60 * 60 * 1000;
    let test = TestShop::open(engine).await;
    let (_, session) = owner(&test).await;
    for _ in 0..2 {
        test.clock.fetch_add(13 * DAY_MS, Ordering::SeqCst);
        assert!(sessions::find(&test.shop, session).await.unwrap().is_some(), "one that is used lives on");
    }
    let session = begin(&test, accounts::sign_in(&test.shop, "ada@example.com", PASSWORD, &Origin::default()).await).await;
    test.clock.fetch_add(14 * DAY_MS, Ordering::SeqCst);
    assert!(sessions::find(&test.shop, session).await.unwrap().is_none());
}

#[on_both_databases]
async fn links_that_are_open_end_when_the_password_changes(engine: Engine) {
    let test = TestShop::open(engine).await;
    let (ada, session) = owner(&test).await;
    for (n, by_operator) in [(1, false), (2, true)] {
        accounts::request_link(&test.shop, "ada@example.com").await.unwrap();
        test.eventually("entry_links", n).await;
        let token = mailed_token(&test, "ada@example.com").await;
        assert!(accounts::open_entry(&test.shop, &token).await.unwrap().is_some());
        if by_operator {
            accounts::set_password(&test.shop, "ada@example.com", "another good one").await.unwrap();
        } else {
            accounts::change_password(&test.shop, &ada, session, PASSWORD, "another good one").await.unwrap();
        }
        assert!(accounts::open_entry(&test.shop, &token).await.unwrap().is_none());
    }
}

#[on_both_databases]
async fn a_proof_lasts_a_quarter_of_an_hour(engine: Engine) {
    let test = TestShop::open(engine).await;
    let (ada, session) = owner(&test).await;
    assert!(sessions::require_proof(&test.shop, session).await.is_ok(), "a sign-in is one");
    test.clock.fetch_add(15 * 60 * 1000, Ordering::SeqCst);
    assert_eq!(code(&sessions::require_proof(&test.shop, session).await.unwrap_err()), "proof_needed");
    assert_eq!(code(&accounts::prove(&test.shop, &ada, session, "guess").await.unwrap_err()), "password_wrong");
    assert!(sessions::require_proof(&test.shop, session).await.is_err());
    accounts::prove(&test.shop, &ada, session, PASSWORD).await.unwrap();
    assert!(sessions::require_proof(&test.shop, session).await.is_ok());
}
