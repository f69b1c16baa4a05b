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
#define NTA_MEMBER_yes(member)       bool member;            /* stored and shown if true */
#define NTA_MEMBER_bytes(member)     struct nta_span member; /* any length */
#define NTA_MEMBER_stamp(member)     uint64_t member;        /* 8 bytes, big-endian */
#define NTA_MEMBER_doubts(member)    uint16_t member;        /* bits of enum nta_doubt */
#define NTA_MEMBER_network(member)   struct nta_record_network member;
#define NTA_MEMBER_binding(member)   struct nta_record_binding member;
#define NTA_MEMBER_clock(member)     struct nta_record_clock member;

/* words.h */
#define NTA_MEMBER_opened_by(member)  uint8_t member;
#define NTA_MEMBER_seen(member)       uint8_t member;
#define NTA_MEMBER_act(member)        uint8_t member;
#define NTA_MEMBER_rule(member)       uint8_t member;
#define NTA_MEMBER_initiator(member)  uint8_t member;
#define NTA_MEMBER_strength(member)   uint8_t member;
#define NTA_MEMBER_file_kind(member)  uint8_t member;
#define NTA_MEMBER_no_hash(member)    uint8_t member;
#define NTA_MEMBER_gap_reason(member) uint8_t member;
#define NTA_MEMBER_status(member)     uint8_t member;

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
#define NTA_MEMBERS_via                                                                            \
    const struct nta_span *via; /* borrows; at most NTA_RECORD_VIA */                              \
    size_t n_via;
#define NTA_MEMBERS_conflict                                                                       \
    const struct nta_record_conflict *conflicts; /* borrows; at most NTA_RECORD_CONFLICTS */       \
    size_t n_conflicts;
#define NTA_MEMBERS_requests                                                                       \
    const uint64_t *requests; /* borrows; at most NTA_RECORD_REQUESTS */                           \
    size_t n_requests;
#define NTA_MEMBERS_log const struct nta_record_log *log; /* borrows; NULL: none */
#define NTA_MEMBERS_interfaces                                                                     \
    const struct nta_log_interface *interfaces; /* borrows, as all that follow */                  \
    size_t n_interfaces;
#define NTA_MEMBERS_lists                                                                          \
    const struct nta_log_list *lists;                                                              \
    size_t n_lists;
#define NTA_MEMBERS_geo                                                                            \
    const struct nta_log_database *geo;                                                            \
    size_t n_geo;
#define NTA_MEMBERS_home                                                                           \
    const struct nta_prefix *home;                                                                 \
    size_t n_home;
#define NTA_MEMBERS_inputs                                                                         \
    const struct nta_log_input *inputs;                                                            \
    size_t n_inputs;
#define NTA_MEMBERS_blind                                                                          \
    const struct nta_log_blind *blind;                                                             \
    size_t n_blind;
#define NTA_MEMBERS_worst                                                                          \
    const struct nta_log_worst *worst;                                                             \
    size_t n_worst;
