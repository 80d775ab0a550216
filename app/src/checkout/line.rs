//! A line of the cart. Its fields and buttons belong to the one form of the page, so that whatever is pressed loses nothing typed.

use super::form::BUY;
use crate::checkout::acts::ChangeCart;
use crate::components::Cover;
use crate::notices;
use crate::storefront::tiers::refusal_text;
use domain::cart::QuoteLine;
use domain::catalog::Kind;
use domain::money::Money;
use domain::pages::form::FormRefusal;
use domain::price::Price;
use leptos::prelude::*;
use leptos::server_fn::ServerFn;
use leptos_router::hooks::use_query_map;

/// A change of a line that was refused, as the address tells it.
#[derive(Clone)]
pub struct RefusedLine {
    /// `product/variant`
    line: String,
    typed: String,
    refusal: FormRefusal,
}

impl RefusedLine {
    pub fn asked() -> Option<Self> {
        use_query_map().with_untracked(|query| {
            let refusal = notices::refusal(&query.get("notice")?).filter(|refusal| refusal.field.is_some())?;
            Some(Self { line: query.get("line")?, typed: query.get("typed").unwrap_or_default(), refusal })
        })
    }

    /// What was typed into this field, where it is the one that was refused.
    fn typed(&self, field: &str) -> Option<String> {
        self.refusal.at(field).map(|_| self.typed.clone())
    }

    /// Why, with the amount that would do.
    fn message(self, least: Option<Money>) -> String {
        let price = least.map(|amount| Price { amount, pay_what_you_want: true, suggested_amount: None });
        price.and_then(|price| refusal_text(&self.refusal.code, &price)).unwrap_or(self.refusal.message)
    }
}

#[component]
pub fn CartLine(line: QuoteLine) -> impl IntoView {
    let name = format!("{}, {}", line.title, line.variant_name);
    let refused = RefusedLine::asked().filter(|refused| refused.line == line.name());
    let error_id = format!("{}-{}-error", line.product, line.variant);
    let total = if line.line_total.is_zero() { "Free".to_owned() } else { line.line_total.to_string() };
    let (with, also_in, least) = (line.includes.join(", "), line.also_in.clone(), line.least);
    view! {
        <li class="line">
            <div class="line-cover"><Cover picture=line.cover.clone() kind=Kind::Other title=String::new() is_decoration=true/></div>
            <div>
                <a class="line-title" href=format!("/products/{}", line.product)>{line.title.clone()}</a>
                <p class="quiet text-sm">{line.variant_name.clone()}</p>
                {(!with.is_empty()).then(|| view! { <p class="quiet text-sm">"With "{with}</p> })}
                <p class="quiet text-sm number">{(line.quantity > 1).then(|| format!("{} each", line.unit_price))}</p>
                {also_in.map(|bundle| view! {
                    <p class="line-warning">{format!("Already part of {bundle}. You would pay for it twice.")}</p>
                })}
            </div>
            <strong class="number">{total}</strong>
            <div class="line-controls">
                {line.pay_what_you_want.then(|| view! {
                    <OwnPrice line=line.clone() name=name.clone() refused=refused.clone() error_id=error_id.clone()/>
                })}
                <Several line=line.clone() name=name.clone() refused=refused.clone() error_id=error_id.clone()/>
                <button
                    class="link-button" type="submit" form=BUY formaction=ChangeCart::PATH formnovalidate name="remove" value=line.name()
                    aria-label=format!("Remove {name}")
                >"Remove"</button>
                {refused.map(|refused| view! { <p class="error" id=error_id role="alert">{refused.message(least)}</p> })}
            </div>
        </li>
    }
}

#[component]
fn OwnPrice(line: QuoteLine, name: String, refused: Option<RefusedLine>, error_id: String) -> impl IntoView {
    let typed = refused.as_ref().and_then(|refused| refused.typed("price"));
    let (id, currency) = (format!("{}-{}-price", line.product, line.variant), line.unit_price.currency);
    view! {
        <div class="line-field">
            <label for=id.clone()>"Your price"<span class="sr-only">{format!(" in {currency} for {name}")}</span></label>
            <span class="with-sign">
                <span aria-hidden="true">{currency.sign()}</span>
                <input
                    class="input" id=id form=BUY name=format!("prices[{}]", line.name()) inputmode="decimal" maxlength="20" required
                    autocomplete="off" aria-invalid=typed.is_some().then_some("true") aria-describedby=refused.is_some().then_some(error_id)
                    value=typed.unwrap_or_else(|| line.unit_price.decimal())
                />
            </span>
            <Change label="Set price" says=format!("Set your price for {name}")/>
        </div>
    }
}

/// How many pieces. Nobody needs two copies of what costs nothing, and few need two of what has no key.
#[component]
fn Several(line: QuoteLine, name: String, refused: Option<RefusedLine>, error_id: String) -> impl IntoView {
    if line.unit_price.is_zero() {
        return ().into_any();
    }
    let typed = refused.as_ref().and_then(|refused| refused.typed("quantity"));
    let is_shown = line.has_license || line.quantity > 1 || typed.is_some();
    let id = format!("{}-{}-quantity", line.product, line.variant);
    let field = view! {
        <div class="line-field">
            <label for=id.clone()>"Quantity"<span class="sr-only">{format!(" of {name}")}</span></label>
            <input
                class="input" id=id form=BUY name=format!("quantities[{}]", line.name()) type="number" min="1" max="99" required
                autocomplete="off" aria-invalid=typed.is_some().then_some("true") aria-describedby=refused.is_some().then_some(error_id)
                value=typed.unwrap_or_else(|| line.quantity.to_string())
            />
            <Change label="Update" says=format!("Update the quantity of {name}")/>
        </div>
    };
    match is_shown {
        true => field.into_any(),
        false => view! { <details class="several"><summary>"Buy several"</summary>{field}</details> }.into_any(),
    }
}

/// Sends what was typed on the page, and shows what it costs.
#[component]
fn Change(label: &'static str, says: String) -> impl IntoView {
    view! {
        <button class="link-button" type="submit" form=BUY formaction=ChangeCart::PATH formnovalidate aria-label=says>{label}</button>
    }
}
