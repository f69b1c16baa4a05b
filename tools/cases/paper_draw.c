/* SPDX-License-Identifier: Apache-2.0 */
/* The sheet as PDF, by libharu; its codes by libqrencode. */
#include "base/own.h"
#include "base/text.h"
#include "cases/paper.h"
#include "evidence/sheet_rows.h"
#include "evidence/words.h"
#include "vault/cosign.h"

#include <errno.h>
#include <hpdf.h>
#include <qrencode.h>
#include <string.h>

/* Points of 1/72 inch: A4, upright. */
enum
{
    WIDTH = 595,
    HEIGHT = 842,
    MARGIN = 42,
    CODE_WIDTH = 246, ///< With its quiet zone, 87 mm.
    CODE_TOP = 300,
    VALUE_LEFT = 210,
    LINE_HEIGHT = 12,
    QUIET = 4,     ///< Modules around a code (ISO/IEC 18004).
    LINES_MAX = 4, ///< Of one value, where there is room.
    GAP = 8        ///< Between a word and its value.
};

NTA_DEFINE_FREE(free_pdf, struct _HPDF_Doc_Rec, HPDF_Free)
NTA_DEFINE_FREE(free_qr, QRcode, QRcode_free)

struct drawing
{
    HPDF_Doc pdf;
    HPDF_Page page;
    HPDF_Font plain, bold, fixed;
    enum nta_language language;
    unsigned n_lines; ///< Of one value.
    float y;
};

/* ---- text ---- */

/** What Windows-1252, the fonts' encoding, has of these outside of Latin-1. */
static int code_of(uint32_t point)
{
    static const struct
    {
        uint32_t point;
        int code;
    } others[] = {{0x20ac, 0x80}, {0x201a, 0x82}, {0x0192, 0x83}, {0x201e, 0x84}, {0x2026, 0x85},
                  {0x2020, 0x86}, {0x2021, 0x87}, {0x02c6, 0x88}, {0x2030, 0x89}, {0x0160, 0x8a},
                  {0x2039, 0x8b}, {0x0152, 0x8c}, {0x017d, 0x8e}, {0x2018, 0x91}, {0x2019, 0x92},
                  {0x201c, 0x93}, {0x201d, 0x94}, {0x2022, 0x95}, {0x2013, 0x96}, {0x2014, 0x97},
                  {0x02dc, 0x98}, {0x2122, 0x99}, {0x0161, 0x9a}, {0x203a, 0x9b}, {0x0153, 0x9c},
                  {0x017e, 0x9e}, {0x0178, 0x9f}, {0x202f, 0xa0}};

    if ((point >= 0x20 && point < 0x7f) || (point >= 0xa0 && point <= 0xff))
        return (int)point;
    for (size_t i = 0; i < NTA_N_ELEMENTS(others); i++)
        if (others[i].point == point)
            return others[i].code;
    return -1;
}

static uint32_t point_at(const uint8_t *ptr, size_t len)
{
    static const uint8_t masks[] = {0, 0x7f, 0x1f, 0x0f, 0x07};
    uint32_t point = ptr[0] & masks[len];

    for (size_t i = 1; i < len; i++)
        point = point << 6 | (ptr[i] & 0x3f);
    return point;
}

/** Valid text in the fonts' encoding; what that has not is \u{DIGITS}. */
static void put_encoded(struct nta_buf *out, struct nta_span text)
{
    while (text.len) {
        const size_t len = nta_text_utf8_len(text.ptr, text.len);
        const uint32_t point = len ? point_at(text.ptr, len) : 0xfffd;
        const int code = code_of(point);

        if (code >= 0)
            nta_buf_put_u8(out, (uint8_t)code);
        else
            nta_buf_printf(out, "\\u{%x}", point);
        text = nta_span_from(text, len ? len : 1);
    }
}

/** How many bytes of the text go onto a line: to a blank, if there is one. */
static size_t fit(const struct drawing *drawing, const char *text, float width)
{
    const HPDF_UINT len = HPDF_Page_MeasureText(drawing->page, text, width, HPDF_TRUE, NULL);

    return len ? len : HPDF_Page_MeasureText(drawing->page, text, width, HPDF_FALSE, NULL);
}

static void show(struct drawing *drawing, const char *line, float x)
{
    (void)HPDF_Page_BeginText(drawing->page);
    (void)HPDF_Page_TextOut(drawing->page, x, drawing->y, line);
    (void)HPDF_Page_EndText(drawing->page);
}

/** In lines from `x` to `end`, at most so many; then "…" says that it goes on. */
static void put_text(struct drawing *drawing, struct nta_span text, float x, float end,
                     unsigned n_lines)
{
    NTA_AUTO(nta_buf_done) struct nta_buf encoded = {0};
    char line[256];

    put_encoded(&encoded, text);
    nta_buf_put_u8(&encoded, 0);
    if (encoded.failed)
        return;
    const char *rest = (const char *)encoded.ptr;

    while (*rest && n_lines--) {
        size_t len = fit(drawing, rest, end - x - GAP);

        len = nta_smaller(len ? len : 1, sizeof(line) - 2);
        const bool is_cut = n_lines == 0 && rest[len];

        (void)snprintf(line, sizeof(line), "%.*s%s", (int)len, rest, is_cut ? "\x85" : "");
        show(drawing, line, x);
        drawing->y -= LINE_HEIGHT;
        rest += len;
    }
}

static void use(struct drawing *drawing, HPDF_Font font, float size)
{
    (void)HPDF_Page_SetFontAndSize(drawing->page, font, size);
}

static const char *word(const struct drawing *drawing, enum nta_case_word which)
{
    return nta_case_word(drawing->language, which);
}

static void put_paragraph(struct drawing *drawing, enum nta_case_word which)
{
    use(drawing, drawing->plain, 9);
    put_text(drawing, nta_span_of(word(drawing, which)), MARGIN, WIDTH - MARGIN, 6);
    drawing->y -= 4;
}

/** A row of what stands left and what right. */
static void put_row(void *owner, const char *left, struct nta_span right)
{
    struct drawing *drawing = owner;
    const float y = drawing->y;

    use(drawing, drawing->plain, 9);
    put_text(drawing, nta_span_of(left), MARGIN, VALUE_LEFT, 3);
    const float below = drawing->y;

    drawing->y = y;
    use(drawing, drawing->bold, 9);
    put_text(drawing, right, VALUE_LEFT, WIDTH - MARGIN, drawing->n_lines);
    drawing->y = below < drawing->y ? below : drawing->y;
}

static void put_proof(struct drawing *drawing, const struct nta_sheet *sheet)
{
    const bool is_cosigned = nta_cosign_is_claimed(sheet->note);

    drawing->y -= 4;
    put_paragraph(drawing, is_cosigned ? NTA_WORD_SHEET_WITNESSED : NTA_WORD_SHEET_ALONE);
    put_paragraph(drawing, NTA_WORD_SHEET_CHECK);
    use(drawing, drawing->fixed, 8);
    put_text(drawing,
             nta_span_of(is_cosigned ? "zbarimg -q --raw -Sbinary SCAN.png > codes; "
                                       "nta verify codes --key FINGERPRINT --witness KEY"
                                     : "zbarimg -q --raw -Sbinary SCAN.png > codes; "
                                       "nta verify codes --key FINGERPRINT"),
             MARGIN, WIDTH - MARGIN, 2);
}

/* ---- codes ---- */

/** A picture of one bit a module, white where the quiet zone is. */
static HPDF_Image picture(struct drawing *drawing, const QRcode *qr, struct nta_buf *bits)
{
    const unsigned side = (unsigned)qr->width + 2 * QUIET, row = (side + 7) / 8;
    uint8_t *room = nta_buf_reserve(bits, (size_t)row * side);

    if (!room)
        return NULL;
    memset(room, 0xff, (size_t)row * side);
    for (unsigned y = 0; y < (unsigned)qr->width; y++)
        for (unsigned x = 0; x < (unsigned)qr->width; x++)
            if (qr->data[y * (unsigned)qr->width + x] & 1)
                room[(y + QUIET) * row + (x + QUIET) / 8] &=
                    (uint8_t) ~(0x80U >> ((x + QUIET) & 7));
    return HPDF_LoadRawImageFromMem(drawing->pdf, room, side, side, HPDF_CS_DEVICE_GRAY, 1);
}

static int put_code(struct drawing *drawing, struct nta_span cbor, size_t i, struct nta_err *err)
{
    NTA_AUTO(nta_buf_done) struct nta_buf code = {0}, bits = {0};

    nta_sheet_put_code(cbor, i, &code);
    if (code.failed)
        return nta_err_sys(err, -ENOMEM, "sheet");
    NTA_AUTO(free_qr) QRcode *qr = QRcode_encodeData((int)code.len, code.ptr, 0, QR_ECLEVEL_M);

    if (!qr) /* less to correct errors with, and more room */
        qr = QRcode_encodeData((int)code.len, code.ptr, 0, QR_ECLEVEL_L);
    HPDF_Image image = qr ? picture(drawing, qr, &bits) : NULL;

    if (!image)
        return nta_err_sys(err, qr ? -ENOMEM : -errno, "code");
    const float x = (float)(MARGIN + i * (WIDTH - 2 * MARGIN - CODE_WIDTH));

    (void)HPDF_Page_DrawImage(drawing->page, image, x, CODE_TOP - CODE_WIDTH, CODE_WIDTH,
                              CODE_WIDTH);
    return 0;
}

/* ---- the page ---- */

static int start(struct drawing *drawing, struct nta_err *err)
{
    if (!drawing->pdf)
        return nta_err_sys(err, -ENOMEM, "PDF");
    (void)HPDF_SetCompressionMode(drawing->pdf, HPDF_COMP_ALL);
    drawing->page = HPDF_AddPage(drawing->pdf);
    (void)HPDF_Page_SetSize(drawing->page, HPDF_PAGE_SIZE_A4, HPDF_PAGE_PORTRAIT);
    drawing->plain = HPDF_GetFont(drawing->pdf, "Helvetica", "WinAnsiEncoding");
    drawing->bold = HPDF_GetFont(drawing->pdf, "Helvetica-Bold", "WinAnsiEncoding");
    drawing->fixed = HPDF_GetFont(drawing->pdf, "Courier", "WinAnsiEncoding");
    drawing->y = HEIGHT - MARGIN - LINE_HEIGHT;
    (void)HPDF_SetInfoAttr(drawing->pdf, HPDF_INFO_TITLE, "NTA");
    return HPDF_GetError(drawing->pdf) == HPDF_OK ? 0 : nta_err_sys(err, -ENOMEM, "PDF");
}

static int finish(const struct drawing *drawing, struct nta_buf *out, struct nta_err *err)
{
    HPDF_UINT32 len = 0;

    if (HPDF_GetError(drawing->pdf) == HPDF_OK && HPDF_SaveToStream(drawing->pdf) == HPDF_OK)
        len = HPDF_GetStreamSize(drawing->pdf);
    uint8_t *room = len ? nta_buf_reserve(out, len) : NULL;

    if (!room || HPDF_ReadFromStream(drawing->pdf, room, &len) != HPDF_OK)
        return nta_err_set(err, -EIO, "the sheet cannot be drawn: libharu says %#lx",
                           (unsigned long)HPDF_GetError(drawing->pdf));
    out->len += len;
    return 0;
}

/** The words.  -EFBIG, without a sentence: they leave no room for the codes. */
static int draw(struct drawing *drawing, const struct nta_sheet *sheet, struct nta_err *err)
{
    int r = start(drawing, err);

    if (r < 0)
        return r;
    use(drawing, drawing->bold, 15);
    put_text(drawing, nta_span_of(word(drawing, NTA_WORD_SHEET_TITLE)), MARGIN, WIDTH - MARGIN, 1);
    drawing->y -= 6;
    put_paragraph(drawing, NTA_WORD_SHEET_ABOUT);
    r = nta_sheet_each_row(sheet, drawing->language, put_row, drawing);
    if (r < 0)
        return nta_err_sys(err, r, "record");
    put_proof(drawing, sheet);
    return drawing->y + LINE_HEIGHT > CODE_TOP ? 0 : -EFBIG;
}

static int put_codes(struct drawing *drawing, struct nta_span cbor, struct nta_err *err)
{
    int r = 0;

    for (size_t i = 0; i < nta_sheet_n_codes(cbor.len) && r == 0; i++)
        r = put_code(drawing, cbor, i, err);
    return r;
}

int nta_paper_draw(const struct nta_paper *paper, enum nta_language language, struct nta_buf *out,
                   struct nta_err *err)
{
    int r = -EFBIG;

    for (unsigned n_lines = LINES_MAX; n_lines && r == -EFBIG; n_lines--) {
        NTA_AUTO(free_pdf) HPDF_Doc pdf = HPDF_New(NULL, NULL);
        struct drawing drawing = {.pdf = pdf, .language = language, .n_lines = n_lines};

        r = draw(&drawing, &paper->sheet, err);
        if (r == 0)
            r = put_codes(&drawing, nta_buf_span(&paper->cbor), err);
        if (r == 0)
            return finish(&drawing, out, err);
    }
    return r == -EFBIG ? nta_err_set(err, r,
                                     "its words have no room on a sheet: make a case "
                                     "(nta evidence -o CASE.zip)")
                       : r;
}
