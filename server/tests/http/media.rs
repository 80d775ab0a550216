//! What anybody may fetch: pictures and samples, as browsers take them.

use crate::support::{Answer, TestServer, send};

async fn sample(server: &TestServer, name: &str, content: &[u8]) {
    let file = format!("file\"; filename=\"{name}");
    let sent = server.upload_form("a-book", &[("kind", b"preview"), (&file, content)]).await;
    assert_eq!(sent.status, 201, "{}", sent.text());
}

/// The samples of the book's page in their order, as they are fetched.
async fn samples(server: &TestServer, method: &str) -> Vec<Answer> {
    let page = server.get("/products/a-book").await.text();
    let mut seen: Vec<String> = Vec::new();
    for path in page.split('"').filter(|part| part.starts_with("/media/")) {
        if !seen.iter().any(|known| known == path) {
            seen.push(path.to_owned());
        }
    }
    let mut answers = Vec::new();
    for path in seen {
        answers.push(send(method, &format!("{}{path}", server.base), &[], "").await);
    }
    answers
}

#[tokio::test]
async fn a_text_says_in_which_letters_it_is_written() {
    let server = TestServer::start().await;
    server.stock().await;
    let many = "Größe ".repeat(60_000);
    for (name, content) in [
        ("a.txt", "Größe".as_bytes()),
        ("b.md", "# Größe".as_bytes()),
        ("c.txt", b"Gr\xf6\xdfe"),
        ("d.csv", "Größe;1".as_bytes()),
        ("e.txt", b"\xff\xfeG\0r\0"),
        ("f.txt", many.as_bytes()),
    ] {
        sample(&server, name, content).await;
    }
    let expected = [
        "text/plain; charset=utf-8",
        "text/plain; charset=utf-8",
        "text/plain; charset=iso-8859-1",
        "text/csv; charset=utf-8",
        "text/plain; charset=utf-16le",
        "text/plain; charset=utf-8",
    ];
    for method in ["GET", "HEAD"] {
        let answers = samples(&server, method).await;
        let types: Vec<&str> = answers.iter().map(|answer| answer.header("content-type")).collect();
        assert_eq!(types, expected, "{method}");
        assert!(answers.iter().all(|answer| answer.status == 200 && answer.header("x-content-type-options") == "nosniff"));
        assert!(answers[0].header("content-disposition").is_empty() && answers[3].header("content-disposition").starts_with("attachment"));
    }
}

#[tokio::test]
async fn a_head_of_a_picture_knows_no_ranges() {
    let server = TestServer::start().await;
    server.stock().await;
    sample(&server, "a.txt", b"0123456789").await;
    let page = server.get("/products/a-book").await.text();
    let path = page.split('"').find(|part| part.starts_with("/media/")).unwrap();
    let ask = async |method: &str, range: &str| send(method, &format!("{}{path}", server.base), &[("range", range)], "").await;
    for range in ["bytes=3-8", "bytes=99-"] {
        let head = ask("HEAD", range).await;
        assert_eq!((head.status, head.header("content-length")), (200, "10"), "{range}");
    }
    assert_eq!(ask("GET", "bytes=3-8").await.body, b"345678");
}

#[tokio::test]
async fn what_no_browser_plays_is_offered_to_be_kept() {
    let server = TestServer::start().await;
    server.stock().await;
    let box_of = |brand: &[u8]| [b"\0\0\0\x18ftyp", brand, b"\0\0\0\0mif1heic"].concat();
    sample(&server, "wallpaper.heic", &box_of(b"heic")).await;
    sample(&server, "burst.heic", &box_of(b"hevc")).await;
    sample(&server, "raw-photo.cr3", &box_of(b"crx ")).await;
    sample(&server, "film.mp4", &box_of(b"isom")).await;
    let answers = samples(&server, "GET").await;
    let types: Vec<&str> = answers.iter().map(|answer| answer.header("content-type")).collect();
    assert_eq!(types, ["image/heic", "image/heic-sequence", "image/x-canon-cr3", "video/mp4"]);
    let is_kept: Vec<bool> = answers.iter().map(|answer| answer.header("content-disposition").starts_with("attachment")).collect();
    assert_eq!(is_kept, [true, true, true, false]);
    let page = server.get("/products/a-book").await.text();
    assert!(page.contains("Download: wallpaper.heic") && page.contains("Watch: film.mp4"), "{page}");
}

/// The content of a tag in a page's head.
fn meta<'a>(page: &'a str, property: &str) -> Option<&'a str> {
    let tag = page.split("<meta ").find(|tag| tag.contains(&format!("property=\"{property}\"")))?;
    tag.split("content=\"").nth(1)?.split('"').next()
}

/// Makes a picture the cover of the book.
async fn cover(server: &TestServer, picture: image::RgbaImage) {
    let mut drawing = Vec::new();
    picture.write_to(&mut std::io::Cursor::new(&mut drawing), image::ImageFormat::Png).unwrap();
    let cover = shop::files::uploads::WholeFile {
        role: domain::files::FileRole::Cover,
        name: "cover.png".to_owned(),
        title: "A \"cover\" <b>".to_owned(),
        variants: Vec::new(),
        release: None,
        replaces: None,
        body: shop::files::stream_of(drawing),
    };
    shop::files::uploads::take(&server.shop, &shop::accounts::audit::Actor::operator(), "a-book", cover).await.unwrap();
}

#[tokio::test]
async fn a_card_keeps_the_place_of_its_cover_in_the_covers_own_color() {
    let server = TestServer::start().await;
    server.stock().await;
    assert!(!server.get("/products").await.text().contains("class=\"plane"), "where no cover will come stands the title");
    cover(&server, image::RgbaImage::from_pixel(600, 800, image::Rgba([20, 90, 40, 255]))).await;
    let list = server.get("/products").await.text();
    assert!(list.contains("<svg color=\"#145a28\" class=\"plane cover-other\"></svg>"), "{list}");
    assert!(!list.contains(" style="), "the policy forbids styles in a page");
    cover(&server, image::RgbaImage::from_pixel(600, 800, image::Rgba([20, 90, 40, 100]))).await;
    assert!(!server.get("/products").await.text().contains("class=\"plane"), "it would shine through");
}

#[tokio::test]
async fn a_link_to_the_shop_is_shown_with_a_picture_that_every_program_takes() {
    let server = TestServer::start().await;
    server.stock().await;
    let pixel = |x, y| image::Rgba([(x / 300 * 50) as u8, (y / 400 * 50) as u8, 90, 255]);
    cover(&server, image::RgbaImage::from_fn(1500, 2000, pixel)).await;
    for path in ["/products/a-book", "/", "/products"] {
        let page = server.get(path).await.text();
        let image = meta(&page, "og:image").unwrap_or_else(|| panic!("{path}: {page}")).to_owned();
        assert!(image.starts_with(&server.base) && image.ends_with("/cover.jpg"), "{image}");
        assert_eq!(
            (meta(&page, "og:image:width"), meta(&page, "og:image:height"), meta(&page, "og:image:type")),
            (Some("900"), Some("1200"), Some("image/jpeg"))
        );
        assert_eq!(meta(&page, "og:url").unwrap(), format!("{}{path}", server.base));
        assert!(meta(&page, "og:title").is_some() && meta(&page, "og:site_name").is_some(), "{path}");
        let sent = send("GET", &image, &[], "").await;
        assert_eq!((sent.status, sent.header("content-type"), &sent.body[..3]), (200, "image/jpeg", &b"\xff\xd8\xff"[..]));
        assert!(sent.body.len() <= 600 * 1024, "{}", sent.body.len());
        assert_eq!(image::load_from_memory(&sent.body).unwrap().width(), 900);
    }
}

#[tokio::test]
async fn what_a_creator_writes_ends_no_tag_of_a_link_preview() {
    let server = TestServer::start().await;
    let nasty = "\"><svg><a><set attributeName=href to=javascript:alert(1)></a></svg><math><annotation-xml \
        encoding=text/html><script>alert(1)</script></annotation-xml></math>";
    let product = serde_json::json!({
        "title": format!("T{nasty}").chars().take(120).collect::<String>(), "slug": "nasty",
        "promise": format!("P{nasty}").chars().take(150).collect::<String>(),
        "description": nasty, "status": "published",
        "variants": [{ "key": "one", "name": "One", "amount": 500, "currency": "USD" }],
    });
    let made = server.create("/api/v1/products", &product).await;
    assert_eq!(made.status, 201, "{}", made.text());
    for path in ["/products/nasty", "/products", "/"] {
        let page = server.get(path).await.text().to_ascii_lowercase();
        for element in ["<svg><a", "<set ", "<math", "<annotation-xml", "<script>alert"] {
            assert!(!page.contains(element), "{path}: {element}");
        }
    }
}
