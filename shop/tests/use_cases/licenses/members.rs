//! What members see of licenses, and what they do with them.

use super::*;

fn by() -> shop::accounts::audit::Actor {
    shop::accounts::audit::Actor { member_id: None, name: "helper@example.com".into() }
}

#[on_both_databases]
async fn members_find_a_license_by_what_a_customer_tells_them(engine: Engine) {
    let (test, order, key) = sold(engine, &LicensePolicy::default()).await;
    let trial = buy(&test).await;
    let other = owned(&test, &trial).await.key;
    let found = async |query: LicenseQuery| {
        let list = list(&test.shop, &query).await.unwrap();
        (list.items.into_iter().map(|row| row.key).collect::<Vec<_>>(), list.is_mistyped)
    };
    let q = async |text: &str| found(LicenseQuery { q: Some(text.to_owned()), ..LicenseQuery::default() }).await.0;
    for typed in
        [key.clone(), key.to_lowercase(), key.replace('-', ""), key.replace('-', "\u{2013}"), key.replace('0', "O").replace('1', "I")]
    {
        assert_eq!(q(&typed).await, [key.as_str()], "{typed}");
    }
    assert_eq!(q(&domain::id::order_number(&order.public_id)).await, [key.as_str()]);
    assert_eq!(q(&order.public_id).await, [key.as_str()]);
    assert_eq!(q("reader@ex").await, [other.as_str(), key.as_str()], "the latest first");
    assert_eq!(q("nobody@").await.len(), 0);
    take(&test, &key, "a").await;
    change(&test.shop, &by(), &one_of(&test, &other).await, &Change { state: Some(EntitlementState::Suspended), ..Change::default() })
        .await
        .unwrap();
    for (status, keys) in [
        (LicenseStatus::Active, vec![key.clone()]),
        (LicenseStatus::Disabled, vec![other.clone()]),
        (LicenseStatus::Inactive, vec![]),
        (LicenseStatus::Expired, vec![]),
    ] {
        assert_eq!(found(LicenseQuery { status: Some(status), ..LicenseQuery::default() }).await.0, keys, "{status:?}");
    }
    let of = |slug: &str| LicenseQuery { product: Some(slug.to_owned()), ..LicenseQuery::default() };
    assert_eq!((found(of("a-book")).await.0.len(), found(of("a-gift")).await.0.len()), (2, 0));
    let mistyped = LicenseQuery { q: Some("7Q2M9-XK4TB-0V8HC-W3NPD-5RJA0".to_owned()), ..LicenseQuery::default() };
    assert_eq!(found(mistyped).await, (vec![], true));
}

/// The number of the license of a key.
async fn one_of(test: &TestShop, key: &str) -> String {
    let query = LicenseQuery { key: Some(key.to_owned()), ..LicenseQuery::default() };
    list(&test.shop, &query).await.unwrap().items[0].id.clone()
}

#[on_both_databases]
async fn a_list_of_many_licenses_is_turned_page_by_page(engine: Engine) {
    let test = open(engine, &LicensePolicy::default()).await;
    let started = test.start("a-book", "rich", 99).await;
    let session = test.pay(&started, PAYS).await;
    test.receive("evt_many", "checkout.session.completed", &session).await;
    test.work().await;
    let first = list(&test.shop, &LicenseQuery::default()).await.unwrap();
    let query = LicenseQuery { cursor: first.next_cursor.clone(), ..LicenseQuery::default() };
    let second = list(&test.shop, &query).await.unwrap();
    assert_eq!((first.items.len(), second.items.len(), second.next_cursor), (50, 49, None));
    let mut ids: Vec<String> = first.items.into_iter().chain(second.items).map(|row| row.id).collect();
    ids.sort();
    ids.dedup();
    assert_eq!(ids.len(), 99, "one for each copy, and none twice");
    let refused = list(&test.shop, &LicenseQuery { cursor: Some("x".to_owned()), ..LicenseQuery::default() }).await;
    assert_eq!(code(refused), "cursor_invalid");
}

#[on_both_databases]
async fn members_suspend_revoke_reinstate_and_extend(engine: Engine) {
    let test = open(engine, &LicensePolicy::default()).await;
    test.run("UPDATE variants SET license_expires_after_days = 30 WHERE has_license").await;
    let key = owned(&test, &buy(&test).await).await.key;
    let id = one_of(&test, &key).await;
    let held = take(&test, &key, "a").await;
    let set = async |change: Change| shop::fulfillment::licenses::change(&test.shop, &by(), &id, &change).await;
    let state = |state, reason: &str| Change { state: Some(state), reason: reason.to_owned(), ..Change::default() };

    set(state(EntitlementState::Suspended, "Posted in a forum")).await.unwrap();
    assert_eq!((asked(&test, &key).await, take(&test, &key, "b").await.code), (LicenseCode::Suspended, LicenseCode::Suspended));
    assert_eq!(one(&test.shop, &id).await.unwrap().reason, "Posted in a forum");
    set(state(EntitlementState::Active, "")).await.unwrap();
    let question = Question { key: &key, instance_id: Some(&seat(&held)), ..Question::default() };
    assert_eq!(validate(&test.shop, question).await.unwrap().code, LicenseCode::Valid, "the device has its seat still");
    set(state(EntitlementState::Revoked, "Shared")).await.unwrap();
    assert_eq!(asked(&test, &key).await, LicenseCode::Revoked);
    set(state(EntitlementState::Active, "")).await.unwrap();
    set(state(EntitlementState::Active, "")).await.unwrap();

    let ends = one(&test.shop, &id).await.unwrap().row.expires_at.unwrap();
    let extend = |days| Change { extend_by_days: Some(days), ..Change::default() };
    set(extend(10)).await.unwrap();
    assert_eq!(one(&test.shop, &id).await.unwrap().row.expires_at, Some(ends + 10 * DAY_MS));
    test.advance(100 * DAY_MS);
    assert_eq!(asked(&test, &key).await, LicenseCode::Expired);
    set(extend(5)).await.unwrap();
    assert_eq!(one(&test.shop, &id).await.unwrap().row.expires_at, Some(test.shop.clock.now_ms() + 5 * DAY_MS));
    assert_eq!(asked(&test, &key).await, LicenseCode::Valid);
    set(Change { expires_at: Some(None), ..Change::default() }).await.unwrap();
    assert_eq!(code(set(extend(5)).await), "license_endless");
    for days in [0, -1, 3_651] {
        assert_eq!(code(set(extend(days)).await), "days_invalid");
    }
    assert_eq!(code(set(state(EntitlementState::Revoked, &"x".repeat(501))).await), "reason_invalid");

    let events: Vec<String> = one(&test.shop, &id).await.unwrap().steps.iter().rev().map(|step| format!("{:?}", step.event)).collect();
    let expected =
        ["Issued", "Activated", "Suspended", "Reinstated", "Revoked", "Reinstated", "Extended", "Extended", "Extended"].map(str::to_owned);
    assert_eq!(events, expected, "what changes nothing leaves no trace");
    assert_eq!(test.count("audit_entries WHERE object_kind = 'license' AND act = 'changed'").await, 7);
    assert_eq!(test.count(&format!("audit_entries WHERE object_name LIKE '%{}%'", &key[..8])).await, 0, "the log has no key");
    assert_eq!(code(one(&test.shop, "12").await), "not_found");
    assert_eq!(code(change(&test.shop, &by(), "x'--", &Change::default()).await), "not_found");
}

#[on_both_databases]
async fn a_limit_is_never_below_the_devices_in_use(engine: Engine) {
    let (test, _, key) = sold(engine, &LicensePolicy::default()).await;
    let id = one_of(&test, &key).await;
    for device in ["a", "b", "c"] {
        take(&test, &key, device).await;
    }
    let limit = async |limit| change(&test.shop, &by(), &id, &Change { activation_limit: Some(limit), ..Change::default() }).await;
    assert_eq!(code(limit(Some(2)).await), "limit_below_usage");
    assert_eq!(code(limit(Some(0)).await), "limit_invalid");
    limit(None).await.unwrap();
    assert_eq!(take(&test, &key, "d").await.code, LicenseCode::Valid);
    // A device comes while the limit falls: whoever is first counts, and the other is told.
    let (lowered, taken) = tokio::join!(limit(Some(4)), activate(&test.shop, device(&key, "e")));
    let taken = taken.unwrap().code == LicenseCode::Valid;
    assert_ne!(lowered.is_ok(), taken);
    let file = one(&test.shop, &id).await.unwrap();
    free_seat(&test.shop, &by(), &id, &file.seats[0].id).await.unwrap();
    free_seat(&test.shop, &by(), &id, &file.seats[0].id).await.unwrap();
    assert_eq!(code(free_seat(&test.shop, &by(), &id, "none").await), "not_found");
    assert_eq!(one(&test.shop, &id).await.unwrap().row.activation_usage, 3 + i64::from(taken));
    let by = by();
    let (first, second) = tokio::join!(reset_seats(&test.shop, &by, &id), reset_seats(&test.shop, &by, &id));
    first.and(second).unwrap();
    assert_eq!(one(&test.shop, &id).await.unwrap().row.activation_usage, 0);
    assert_eq!(test.count("license_events WHERE kind = 'seats_reset'").await, 1);
    limit(Some(1)).await.unwrap();
    assert_eq!(
        (take(&test, &key, "a").await.code, take(&test, &key, "b").await.code),
        (LicenseCode::Valid, LicenseCode::MachineLimitExceeded)
    );
}

#[on_both_databases]
async fn a_member_replaces_a_key_that_was_posted_somewhere(engine: Engine) {
    let (test, order, key) = sold(engine, &LicensePolicy::default()).await;
    replace(&test.shop, &by(), &one_of(&test, &key).await).await.unwrap();
    test.work().await;
    let new = owned(&test, &order).await.key;
    assert_eq!((asked(&test, &key).await, asked(&test, &new).await), (LicenseCode::NotFound, LicenseCode::Valid));
    assert!(format!("{:?}", test.mail.sent().last().unwrap()).contains(&new));
    assert_eq!(test.count("audit_entries WHERE act = 'replaced_key'").await, 1);
}

#[on_both_databases]
async fn an_erasure_forgets_devices(engine: Engine) {
    let (test, _, key) = sold(engine, &LicensePolicy::default()).await;
    let named = Activation { name: "Ada Reader's laptop".to_owned(), fingerprint: Some("ada-reader".to_owned()), ..device(&key, "x") };
    activate(&test.shop, named).await.unwrap();
    let reason =
        Change { state: Some(EntitlementState::Suspended), reason: "reader@example.com shared it".to_owned(), ..Change::default() };
    change(&test.shop, &by(), &one_of(&test, &key).await, &reason).await.unwrap();
    let customers = shop::customers::list(&test.shop, &Default::default()).await.unwrap();
    shop::customers::erase(&test.shop, &by(), &customers.customers[0].id).await.unwrap();
    test.work().await;
    assert_eq!(test.count("activations WHERE name <> '' OR fingerprint <> ''").await, 0);
    assert_eq!(test.count("license_events WHERE detail LIKE '%Ada%' OR detail LIKE '%reader@%'").await, 0);
    assert_eq!(test.count("licenses WHERE reason LIKE '%reader@%' OR reason NOT LIKE '%shared it'").await, 0);
    assert_eq!(test.count("audit_entries WHERE COALESCE(after_json, '') LIKE '%shared it%'").await, 0);
}

#[on_both_databases]
async fn seats_that_were_given_back_are_thrown_away_and_what_members_did_stays(engine: Engine) {
    let (test, _, key) = sold(engine, &LicensePolicy::default()).await;
    let gone = take(&test, &key, "a").await;
    let kept = take(&test, &key, "b").await;
    deactivate(&test.shop, &key, &seat(&gone)).await.unwrap();
    let id = one_of(&test, &key).await;
    change(&test.shop, &by(), &id, &Change { activation_limit: Some(None), ..Change::default() }).await.unwrap();
    test.advance(29 * DAY_MS);
    shop::jobs::sweep(&test.shop).await.unwrap();
    assert_eq!(test.count("activations").await, 2);
    test.advance(2 * DAY_MS);
    shop::jobs::sweep(&test.shop).await.unwrap();
    assert_eq!(test.count("activations").await, 1);
    assert_eq!(deactivate(&test.shop, &key, &seat(&gone)).await.unwrap().code, LicenseCode::InstanceNotFound);
    let question = Question { key: &key, instance_id: Some(&seat(&kept)), ..Question::default() };
    assert_eq!(validate(&test.shop, question).await.unwrap().code, LicenseCode::Valid);
    test.advance(550 * DAY_MS);
    shop::jobs::sweep(&test.shop).await.unwrap();
    assert_eq!(test.texts("SELECT kind FROM license_events ORDER BY id").await, ["issued", "limit_changed"]);
}
