//! A license key that somebody bought: the key, how far it goes, and the devices that use it.

use super::license_acts::{DeactivateSeat, ReplaceLicenseKey};
use super::order_acts::PassFields;
use super::ready::OrderPage;
use crate::components::{Day, area_text};
use crate::islands::CopyButton;
use domain::license::LicenseStatus;
use domain::order::{OrderLine, OwnedLicense, OwnedSeat};
use leptos::prelude::*;
use leptos::server_fn::ServerFn;

#[component]
pub fn Key(line: OrderLine, license: OwnedLicense, page: OrderPage) -> impl IntoView {
    let title = line.title.clone();
    let of_title = format!(" the license key of {title}");
    let is_usable = matches!(license.status, LicenseStatus::Active | LicenseStatus::Inactive);
    view! {
        <div class="key" data-key="">
            <div class="key-main">
                <div>
                    <p class="text-sm">{if license.is_trial { "Trial license key" } else { "License key" }}</p>
                    <code>{license.key.clone()}</code>
                    <Limits license=license.clone()/>
                </div>
                <CopyButton><span class="sr-only">{of_title}</span></CopyButton>
            </div>
            {match license.status {
                LicenseStatus::Disabled => view! {
                    <p class="line-warning">"This key is disabled. Write to the shop if you think this is wrong."</p>
                }.into_any(),
                LicenseStatus::Expired => view! { <Expired line=line.clone()/> }.into_any(),
                _ => ().into_any(),
            }}
            {(is_usable || !license.seats.is_empty()).then(|| view! { <Devices title license page/> })}
        </div>
    }
}

/// How many devices, and until when.
#[component]
fn Limits(license: OwnedLicense) -> impl IntoView {
    let devices = match license.activation_limit {
        Some(limit) => format!("{} of {limit} {} in use", license.activation_usage, if limit == 1 { "device" } else { "devices" }),
        None if license.activation_usage == 0 => "For any number of devices".to_owned(),
        None if license.activation_usage == 1 => "1 device in use".to_owned(),
        None => format!("{} devices in use", license.activation_usage),
    };
    let over = license.status == LicenseStatus::Expired;
    view! {
        <p class="quiet text-sm">
            {devices}
            {license.expires_at.map(|at_ms| view! { " · "{if over { "expired on " } else { "works until " }}<Day at_ms/> })}
            {license.updates_until.map(|at_ms| view! { " · updates until "<Day at_ms/> })}
        </p>
    }
}

/// The next step of whose key is over.
#[component]
fn Expired(line: OrderLine) -> impl IntoView {
    let again = line.product_now.map(|slug| view! { " "<a href=format!("/products/{slug}")>"Buy a new one"</a>"." });
    view! { <p class="line-warning">"This key has expired."{again}</p> }
}

#[component]
fn Devices(title: String, license: OwnedLicense, page: OrderPage) -> impl IntoView {
    let n = license.seats.len();
    let summary = match n {
        0 => "Manage this key".to_owned(),
        1 => "Manage 1 device and this key".to_owned(),
        n => format!("Manage {n} devices and this key"),
    };
    let id = license.id.to_string();
    let is_usable = matches!(license.status, LicenseStatus::Active | LicenseStatus::Inactive);
    view! {
        <details class="key-more">
            <summary>{summary}<span class="sr-only">{format!(" of {title}")}</span></summary>
            {if n == 0 {
                view! { <p class="quiet">"No device uses this key yet. Enter it in the software to activate it."</p> }.into_any()
            } else {
                view! {
                    <ul class="seats">
                        {license.seats.into_iter().map(|seat| view! {
                            <li><Seat seat license=id.clone() page=page.clone()/></li>
                        }).collect_view()}
                    </ul>
                }.into_any()
            }}
            {is_usable.then(|| view! { <Offline license=id.clone() page=page.clone()/> })}
            {license.is_replaceable.then(|| view! { <Replace key=license.key license=id page/> })}
        </details>
    }
}

#[component]
fn Seat(seat: OwnedSeat, license: String, page: OrderPage) -> impl IntoView {
    view! {
        <form class="seat" method="post" action=DeactivateSeat::PATH>
            <PassFields id=page.id pass=page.pass/>
            <input type="hidden" name="license" value=license/>
            <input type="hidden" name="instance" value=seat.id.to_string()/>
            <div>
                <p class="file-name">{if seat.name.is_empty() { "A device".to_owned() } else { seat.name.clone() }}</p>
                <p class="quiet text-sm">"Since "<Day at_ms=seat.since/></p>
            </div>
            <button class="button plain" type="submit">"Deactivate"<span class="sr-only">{format!(" {}", seat.name)}</span></button>
        </form>
    }
}

/// The way of a device without a network: its code comes here, and a file goes back.
#[component]
fn Offline(license: String, page: OrderPage) -> impl IntoView {
    let (field, action) = (format!("challenge-{license}"), format!("/orders/{}/license-file", page.id));
    view! {
        <details class="replace">
            <summary>"Activate a device that is offline"</summary>
            <form method="post" action=action>
                <PassFields id=page.id pass=page.pass/>
                <input type="hidden" name="license" value=license/>
                <p>
                    "Your software shows a code that begins with \u{201c}challenge/\u{201d}. Paste it here, download the license file, and \
                     open that in the software."
                </p>
                <label for=field.clone()>"Code from the software"</label>
                <textarea
                    class="input" id=field name="challenge" rows="3" maxlength="16000" required autocomplete="off" spellcheck="false"
                >{area_text("")}</textarea>
                <button class="button plain" type="submit">"Download the license file"</button>
            </form>
        </details>
    }
}

/// Asks once more before the old key is gone.
#[component]
fn Replace(key: String, license: String, page: OrderPage) -> impl IntoView {
    view! {
        <details class="replace">
            <summary>"Replace this key"</summary>
            <form method="post" action=ReplaceLicenseKey::PATH>
                <PassFields id=page.id pass=page.pass/>
                <input type="hidden" name="license" value=license/>
                <input type="hidden" name="license_key" value=key/>
                <p>
                    "If somebody else has your key, replace it. The old key stops working at once, and devices keep their seats until they \
                     check it again: enter the new key there. We email you the new one."
                </p>
                <button class="button plain" type="submit">"Replace the key"</button>
            </form>
        </details>
    }
}
