/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/*
 * The members that a row of record/fields.inc declares, by its type.  Whole declarations: some
 * types have two members.
 *
 * What else a type is stands beside what uses it: put_TYPE() in encode.c, get_TYPE() in decode.c,
 * json_TYPE() in json.c, its form in docs/format.md and its text in field_table.c.
 */

#define NTA_MEMBER_event(member)     enum nta_record_event member;
#define NTA_MEMBER_begin(member)     int64_t member;
#define NTA_MEMBER_time(member)      int64_t member;
#define NTA_MEMBER_side(member)      struct nta_record_side member;
#define NTA_MEMBER_transport(member) uint8_t member;
#define NTA_MEMBER_app(member)       enum nta_app member;
#define NTA_MEMBER_tags(member)      struct nta_record_tags member;
#define NTA_MEMBER_text(member)      struct nta_span member;
#define NTA_MEMBER_basis(member)     enum nta_basis member;
#define NTA_MEMBER_agrees(member)    uint8_t member;
#define NTA_MEMBER_flag(member)      bool member;
#define NTA_MEMBER_u16(member)       uint16_t member;
#define NTA_MEMBER_u32(member)       uint32_t member;
#define NTA_MEMBER_u64(member)       uint64_t member;
#define NTA_MEMBER_size(member)      uint64_t member;
#define NTA_MEMBER_line(member)      uint32_t member;
#define NTA_MEMBER_file(member)      struct nta_record_file member;
#define NTA_MEMBER_match(member)     struct nta_record_match member;
#define NTA_MEMBER_dns_type(member)  uint16_t member;
#define NTA_MEMBER_rcode(member)     uint8_t member;
#define NTA_MEMBER_section(member)   struct nta_span member;
#define NTA_MEMBER_addr(member)      struct nta_addr member;
#define NTA_MEMBER_place(member)     struct nta_place member;
#define NTA_MEMBER_hash(member)      struct nta_span member; /* 32 bytes, or empty */
#define NTA_MEMBER_kind(member)      uint8_t member;
#define NTA_MEMBER_severity(member)  uint8_t member;

/* Groups and lists: their members have names of their own. */

#define NTA_MEMBERS_mac                                                                            \
    bool has_mac;                                                                                  \
    uint8_t mac[6];
#define NTA_MEMBERS_counts struct nta_record_counts up, down;
#define NTA_MEMBERS_query                                                                          \
    bool asked; /* it is about a question; its members are those of QUERY_FIELD */
#define NTA_MEMBERS_answers                                                                        \
    const struct nta_record_answer *answers; /* borrows; at most NTA_RECORD_ANSWERS */             \
    size_t n_answers;
#define NTA_MEMBERS_losses                                                                         \
    const struct nta_record_loss *losses; /* borrows */                                            \
    size_t n_losses;
