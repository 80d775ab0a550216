//! The license keys of a tier, in the editor.

use crate::components::{ChoiceField, TextField, refused_at};
use domain::license::KeyFormat;
use domain::pages::form::FormRefusal;
use domain::pages::goods::TierForm;
use domain::word::Word;
use leptos::prelude::*;

/// The fields that stand behind the second fold.
const RARE: [&str; 6] = ["format", "prefix", "floating", "features", "max_version", "endless_files"];

/// Whether each copy has a key, and what that key is.
#[component]
pub fn Keys(i: usize, tier: TierForm, tier_name: String, refusal: Option<FormRefusal>) -> impl IntoView {
    let name = |field: &str| format!("form[tiers][{i}][{field}]");
    let at = |field: &str| format!("tiers.{i}.{field}");
    let key_name = |field: &str| format!("form[tiers][{i}][keys][{field}]");
    let key_at = |field: &str| format!("tiers.{i}.keys.{field}");
    let is_about = |id: String| refused_at(refusal.as_ref(), &id).is_some();
    let has_license = !tier.license.is_empty();
    let is_rare = RARE.iter().any(|field| is_about(key_at(field)));
    let is_open = has_license || is_rare || ["activation_limit", "expires_after_days"].iter().any(|field| is_about(at(field)));
    let keys = tier.keys;
    let options = KeyFormat::all().map(|format| (format.as_str().to_owned(), example(format).to_owned())).collect();
    view! {
        <details class="fold" open=is_open>
            <summary>"License keys"<span class="sr-only">" of "{tier_name.clone()}</span></summary>
            <div class="stack">
                <Check id=at("license") name=name("license") is_checked=has_license label="Each copy has a license key"/>
                <p class="help">"What you change here holds for orders from now on. Keys that are sold stay as they are."</p>
                <div class="tier-line">
                    <TextField
                        at=at("activation_limit") name=name("activation_limit") label="Devices for a key" value=tier.activation_limit
                        refusal=refusal.clone() input_mode="numeric" max_length=8 help="Empty: any number."
                    />
                    <TextField
                        at=at("expires_after_days") name=name("expires_after_days") label="Days that a key works"
                        value=tier.expires_after_days refusal=refusal.clone() input_mode="numeric" max_length=8 help="Empty: for ever."
                    />
                </div>
                <TextField
                    at=key_at("updates_days") name=key_name("updates_days") label="Days of updates" value=keys.updates_days
                    refusal=refusal.clone() input_mode="numeric" max_length=8
                    help="For how long new versions are included. The key itself goes on. Empty: for ever."
                />
                <Check id=key_at("trial") name=key_name("trial") is_checked=!keys.trial.is_empty() label="It is a trial, which ends"/>
                <p class="error">{refused_at(refusal.as_ref(), &key_at("trial"))}</p>
                <details class="fold" open=is_rare>
                    <summary>"How keys look, floating seats, features"<span class="sr-only">" of "{tier_name}</span></summary>
                    <div class="stack">
                        <ChoiceField
                            at=key_at("format") name=key_name("format") label="Format" value=keys.format options refusal=refusal.clone()
                        />
                        <TextField
                            at=key_at("prefix") name=key_name("prefix") label="Prefix" value=keys.prefix refusal=refusal.clone()
                            max_length=12 placeholder="ACME" help="Stands before each key. Letters and digits."
                        />
                        <Check
                            id=key_at("floating") name=key_name("floating") is_checked=!keys.floating.is_empty()
                            label="Floating seats: a device that is silent for ten minutes gives its seat back"
                        />
                        <TextField
                            at=key_at("features") name=key_name("features") label="Features" value=keys.features refusal=refusal.clone()
                            rows=3 max_length=4_000 placeholder="export"
                            help="Words that your software unlocks something by, a line each. They stand in its answers and license files."
                        />
                        <TextField
                            at=key_at("max_version") name=key_name("max_version") label="Highest version" value=keys.max_version
                            refusal=refusal.clone() max_length=30 placeholder="2" help="2 covers all of 2.x. Empty: every version."
                        />
                        <Check
                            id=key_at("endless_files") name=key_name("endless_files") is_checked=!keys.endless_files.is_empty()
                            label="Software may ask for license files that never expire"
                        />
                    </div>
                </details>
            </div>
        </details>
    }
}

#[component]
fn Check(id: String, name: String, is_checked: bool, label: &'static str) -> impl IntoView {
    view! {
        <p class="check">
            <input type="checkbox" id=id.clone() name=name value="on" checked=is_checked/>
            <label for=id>{label}</label>
        </p>
    }
}

/// A key of each format, for whoever chooses.
fn example(format: KeyFormat) -> &'static str {
    match format {
        KeyFormat::Hex => "38B1460A-5104AD62-9E2B7C4F-0D8A13E6",
        KeyFormat::Readable => "7Q2M9-XK4TB-0V8HC-W3NPD-5RJAE (checked for typing errors)",
        KeyFormat::Uuid => "38b1460a-5104-4d62-9e2b-7c4f0d8a13e6",
    }
}
