//! One promotion: the form that makes or changes it, and what it has brought. A plain form.

use crate::components::{Attempt, ChoiceField, Day, FieldError, NoticeText, TextField};
use crate::dashboard::conflict::{RefusedForm, differences};
use crate::dashboard::frame::{Frame, refused};
use crate::dashboard::promotions::acts::{ArchivePromotion, FORM, LIST, SavePromotion, UnarchivePromotion};
use crate::dashboard::promotions::{StateMark, orders_url, uses};
use crate::error::AppError;
use crate::layout::{load_store, page_title, request};
use domain::member::{MemberView, Permission};
use domain::pages::form::{Filled, FormRefusal};
use domain::promotion::{PromotableProduct, PromotionForm, PromotionState, PromotionView, Reduction};
use leptos::prelude::*;
use leptos::server_fn::ServerFn;
use leptos_meta::{Meta, Title};
use leptos_router::hooks::{use_params_map, use_query_map};
use serde::{Deserialize, Serialize};

/// A promotion's form, with what it can be for.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct PromotionFile {
    pub member: MemberView,
    /// Nothing for one that is being made.
    pub promotion: Option<PromotionView>,
    pub form: Filled<PromotionForm>,
    pub products: Vec<PromotableProduct>,
    pub currency: String,
    pub time_zone: String,
}

/// For members who may see sales; a new one is for those who may make it. An empty `id` is a new one.
#[server(prefix = "/_fn", endpoint = "get_promotion")]
pub async fn get_promotion(id: String, draft: String) -> Result<PromotionFile, AppError> {
    use shop::checkout::promotions;
    let needed = if id.is_empty() { Permission::EditPromotions } else { Permission::SeeSales };
    let (shop, member) = request::viewer(needed).await?;
    let promotion = if id.is_empty() { None } else { Some(promotions::find(&shop, &id).await?) };
    let stands = match &promotion {
        Some(promotion) => promotions::form::filled_in(&shop, promotion).await?,
        None => promotions::form::empty(),
    };
    let mut form = request::filled(&shop, &member, FORM, &draft, stands).await?;
    if let Some(refusal) = form.refusal.as_mut().filter(|refusal| !refusal.is_outdated()) {
        refusal.also = promotions::form::all_wrong(&shop, &form.form).await?;
    }
    let (currency, time_zone) = (shop::stores::currency(&shop).await?, shop::stores::time_zone(&shop).await?);
    let products = promotions::promotable(&shop).await?;
    Ok(PromotionFile { member, promotion, form, products, currency: currency.code().to_owned(), time_zone })
}

#[component]
pub fn NewPromotionPage() -> impl IntoView {
    view! { <PromotionFilePage id=String::new()/> }
}

#[component]
pub fn PromotionPage() -> impl IntoView {
    let id = use_params_map().with_untracked(|params| params.get("id").unwrap_or_default());
    view! { <PromotionFilePage id/> }
}

#[component]
fn PromotionFilePage(id: String) -> impl IntoView {
    let draft = use_query_map().with_untracked(|query| query.get("draft").unwrap_or_default());
    view! {
        <Meta name="robots" content="noindex"/>
        <Suspense>
            {Suspend::new(async move {
                let store = load_store().await;
                match get_promotion(id, draft).await {
                    Ok(file) => {
                        let title = file.promotion.as_ref().map_or_else(|| "New promotion".to_owned(), |promotion| promotion.name.clone());
                        view! { <Title text=page_title(&title, &store)/> <Loaded file title/> }.into_any()
                    }
                    Err(error) => refused(error),
                }
            })}
        </Suspense>
    }
}

#[component]
fn Loaded(file: PromotionFile, title: String) -> impl IntoView {
    let may_edit = file.member.role.may(Permission::EditPromotions);
    let may_see_orders = file.member.role.may(Permission::SeeOrders);
    let promotion = file.promotion.clone();
    view! {
        <Frame member=file.member here=LIST>
            <p class="mb-4"><a href=LIST>"All promotions"</a></p>
            <div class="page-head">
                <h1>{title}</h1>
                {promotion.as_ref().filter(|_| may_edit).map(|promotion| view! { <PutAway promotion=promotion.clone()/> })}
            </div>
            {promotion.as_ref().and_then(|promotion| other_currency(promotion, &file.currency)).map(|text| view! { <NoticeText text/> })}
            {promotion.map(|promotion| view! { <Brought promotion may_see_orders/> })}
            {may_edit.then(|| view! { <Form filled=file.form products=file.products currency=file.currency time_zone=file.time_zone/> })}
        </Frame>
    }
}

/// That its amounts are in another currency than the store's, so that it applies to nothing.
fn other_currency(promotion: &PromotionView, sold_in: &str) -> Option<String> {
    let off = match promotion.reduction {
        Reduction::Amount(money) => Some(money),
        Reduction::Percent(_) => None,
    };
    let counts_in = off.or(promotion.minimum)?.currency;
    let text = format!(
        "This promotion is in {counts_in}, but the shop sells in {sold_in}, so it applies to nothing. Save it, and its amounts are in \
         {sold_in}."
    );
    (counts_in.code() != sold_in).then_some(text)
}

#[component]
fn PutAway(promotion: PromotionView) -> impl IntoView {
    let is_archived = promotion.state == PromotionState::Archived;
    let (path, word) = if is_archived { (UnarchivePromotion::PATH, "Restore") } else { (ArchivePromotion::PATH, "Archive") };
    view! {
        <form method="post" action=path>
            <input type="hidden" name="id" value=promotion.id/>
            <button class="button plain" type="submit">{word}</button>
        </form>
    }
}

/// What the promotion has brought so far.
#[component]
fn Brought(promotion: PromotionView, may_see_orders: bool) -> impl IntoView {
    let orders = orders_url(&promotion);
    let held = (promotion.n_reserved > 0).then(|| format!("{} more are being paid", promotion.n_reserved));
    view! {
        <dl class="figures brought" aria-label="Results">
            <div>
                <dt>"Status"</dt>
                <dd class="state"><StateMark state=promotion.state/></dd>
                <dd class="before">"created "<Day at_ms=promotion.created_at/></dd>
            </div>
            <div><dt>"Used"</dt><dd>{uses(&promotion)}</dd><dd class="before">{held}</dd></div>
            <div>
                <dt>"Sold with it"</dt><dd>{promotion.sold.to_string()}</dd><dd class="before">"what the orders came to that used it"</dd>
            </div>
            <div><dt>"Discounts"</dt><dd>{promotion.given.to_string()}</dd><dd class="before">"before refunds"</dd></div>
        </dl>
        {may_see_orders.then(|| view! { <p class="mt-4"><a href=orders>"Orders with this promotion"</a></p> })}
    }
}

#[component]
fn Form(filled: Filled<PromotionForm>, products: Vec<PromotableProduct>, currency: String, time_zone: String) -> impl IntoView {
    let Filled { form, refusal, saved } = filled;
    let theirs = saved.as_ref().map(|saved| theirs(&form, saved)).unwrap_or_default();
    let on_top = ("on_top", saved.map(|saved| saved.revision).unwrap_or_default());
    let page = format!("{LIST}/{}", form.id);
    let is_new = form.id.is_empty();
    view! {
        <form class="promotion-form" method="post" action=SavePromotion::PATH data-unsaved="">
            <RefusedForm refusal=refusal.clone() what="this promotion" theirs on_top page/>
            <input type="hidden" name="id" value=form.id.clone()/>
            <input type="hidden" name="revision" value=form.revision.clone()/>
            <Attempt/>
            <input type="hidden" name="starts_shown" value=form.starts_shown.clone()/>
            <input type="hidden" name="ends_shown" value=form.ends_shown.clone()/>
            <Reduced form=form.clone() currency=currency.clone() refusal=refusal.clone()/>
            <Given form=form.clone() refusal=refusal.clone()/>
            <fieldset aria-describedby="goods-error">
                <legend>"Applies to"</legend>
                <Choice name="scope" value="everything" is_chosen=form.scope != "chosen" title="All products" help=""/>
                <Choice
                    name="scope" value="chosen" is_chosen=form.scope == "chosen" title="Chosen products"
                    help="Other products in the cart keep their price."
                />
                <FieldError id="goods-error" refusal=refusal.clone() field="goods"/>
                <Goods products chosen=form.goods.clone()/>
            </fieldset>
            <Bounds form currency time_zone refusal/>
            <div class="form-end">
                <button class="button" type="submit">{if is_new { "Create promotion" } else { "Save" }}</button>
                <a href=LIST>"Cancel"</a>
            </div>
        </form>
    }
}

/// How much it takes off.
#[component]
fn Reduced(form: PromotionForm, currency: String, refusal: Option<FormRefusal>) -> impl IntoView {
    let units = vec![("percent".to_owned(), "Percent".to_owned()), ("amount".to_owned(), currency)];
    view! {
        <fieldset>
            <legend>"What customers get"</legend>
            <div class="with-unit">
                <TextField
                    at="value" label="Discount" value=form.value refusal=refusal.clone() input_mode="decimal" is_required=true
                    max_length=20
                />
                <ChoiceField at="unit" label="Type" value=form.unit options=units refusal/>
            </div>
        </fieldset>
    }
}

/// The way to it: a code, or none.
#[component]
fn Given(form: PromotionForm, refusal: Option<FormRefusal>) -> impl IntoView {
    view! {
        <fieldset>
            <legend>"How it applies"</legend>
            <Choice name="way" value="code" is_chosen=form.way != "automatic" title="With a code" help="Customers type it in the cart."/>
            <Choice
                name="way" value="automatic" is_chosen=form.way == "automatic" title="Automatically"
                help="It applies to every cart that it fits; the largest discount wins."
            />
            <div class="only-code">
                <TextField
                    at="code" label="Code" value=form.code refusal=refusal.clone() is_code=true max_length=60
                    help="Letters, digits, hyphens, dots. Upper and lower case are the same."
                />
            </div>
            <TextField
                at="name" label="Name" value=form.name refusal max_length=80
                help="Customers see it in the cart. With a code it may stay empty: then it is the code."
            />
        </fieldset>
    }
}

/// From when to when, for how many, and from which amount on.
#[component]
fn Bounds(form: PromotionForm, currency: String, time_zone: String, refusal: Option<FormRefusal>) -> impl IntoView {
    view! {
        <fieldset>
            <legend>"Dates and limits"</legend>
            <div class="pair">
                <TextField
                    at="starts" label="Begins" value=form.starts refusal=refusal.clone() input_type="datetime-local"
                    described_by="when-help"
                />
                <TextField
                    at="ends" label="Ends" value=form.ends refusal=refusal.clone() input_type="datetime-local" described_by="when-help"
                />
            </div>
            <p class="help" id="when-help">{format!("Times are in {time_zone}. Leave them empty to begin now and never end.")}</p>
            <div class="pair">
                <TextField
                    at="limit" label="Maximum redemptions" value=form.limit refusal=refusal.clone() input_mode="numeric"
                    max_length=10 placeholder="No limit"
                />
                <TextField
                    at="minimum" label=format!("Minimum order, in {currency}") value=form.minimum refusal input_mode="decimal"
                    max_length=20 placeholder="Any amount"
                />
            </div>
            <label class="check">
                <input type="checkbox" name="once_per_customer" value="on" checked=!form.once_per_customer.is_empty()/>
                "Once per customer, by email address"
            </label>
        </fieldset>
    }
}

/// Where what is saved differs from what was typed.
fn theirs(typed: &PromotionForm, saved: &PromotionForm) -> Vec<(String, String)> {
    let (typed_goods, saved_goods) = (typed.goods.join(", "), saved.goods.join(", "));
    differences(fields(typed, &typed_goods), fields(saved, &saved_goods))
}

fn fields<'a>(form: &'a PromotionForm, goods: &'a str) -> [(&'static str, &'a str); 12] {
    [
        ("Discount", &form.value),
        ("Type", if form.unit == "amount" { "An amount" } else { "Percent" }),
        ("How it applies", if form.way == "automatic" { "Automatically" } else { "With a code" }),
        ("Code", &form.code),
        ("Name", &form.name),
        ("Applies to", if form.scope == "chosen" { "Chosen products" } else { "All products" }),
        ("Products", goods),
        ("Begins", &form.starts),
        ("Ends", &form.ends),
        ("Maximum redemptions", &form.limit),
        ("Minimum order", &form.minimum),
        ("Once per customer", if form.once_per_customer.is_empty() { "No" } else { "Yes" }),
    ]
}

#[component]
fn Choice(name: &'static str, value: &'static str, is_chosen: bool, title: &'static str, help: &'static str) -> impl IntoView {
    view! {
        <label class="check">
            <input type="radio" name=name value=value id=format!("{name}-{value}") checked=is_chosen/>
            <span>{title}{(!help.is_empty()).then(|| view! { <span class="help">{help}</span> })}</span>
        </label>
    }
}

/// Products with their variants to choose from; what is not among them is named by its address.
#[component]
fn Goods(products: Vec<PromotableProduct>, chosen: Vec<String>) -> impl IntoView {
    let known: Vec<String> = products
        .iter()
        .flat_map(|product| {
            let variants = product.variants.iter().map(|(key, _)| format!("{}/{key}", product.slug));
            std::iter::once(product.slug.clone()).chain(variants)
        })
        .collect();
    let others: Vec<String> = chosen.iter().filter(|good| !known.contains(good)).cloned().collect();
    let is_long = products.len() >= 200 || !others.is_empty();
    let box_of = {
        let chosen = chosen.clone();
        move |key: String, label: String, class: &'static str| {
            let is_chosen = chosen.contains(&key);
            view! { <label class=class><input type="checkbox" name="goods[]" value=key checked=is_chosen/>{label}</label> }
        }
    };
    view! {
        <div class="only-chosen">
            <div class="goods-choice" tabindex="0" role="group" aria-label="Products">
                {products.into_iter().map(|product| {
                    let slug = product.slug.clone();
                    view! {
                        <div>
                            {box_of(product.slug, product.title, "check")}
                            {(product.variants.len() > 1).then(|| {
                                let box_of = |(key, name)| box_of(format!("{slug}/{key}"), name, "check variant");
                                product.variants.into_iter().map(box_of).collect_view()
                            })}
                        </div>
                    }
                }).collect_view()}
            </div>
            <p class="help">"A product includes all its tiers; or choose single tiers below it."</p>
            {is_long.then(|| view! {
                <div class="field mt-4">
                    <label for="others">"More products, by slug"</label>
                    <textarea class="input" id="others" name="others" rows="3" aria-describedby="others-help">
                        {crate::components::area_text(&others.join("\n"))}
                    </textarea>
                    <p class="help" id="others-help">
                        "One slug a line, as in the product's address: the-book, or the-book/pdf for one tier."
                    </p>
                </div>
            })}
        </div>
    }
}
