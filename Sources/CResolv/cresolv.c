#include "cresolv.h"

#include <arpa/inet.h>
#include <arpa/nameser.h>
#include <netinet/in.h>
#include <resolv.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

/// Makes one server the only one of a resolver; 0 when the address is none.
static int use_server(struct __res_state *state, const char *server, int port) {
    // What was read of the machine's settings goes first: closing frees no more than `nscount` of them.
    for (int i = 0; i < MAXNS; i++) {
        free(state->_u._ext.nsaddrs[i]);
        state->_u._ext.nsaddrs[i] = NULL;
        state->_u._ext.nssocks[i] = -1;
    }
    state->nscount = 1;
    state->_u._ext.nscount = 0;
    struct sockaddr_in v4 = {.sin_family = AF_INET, .sin_port = htons((uint16_t)port)};
    if (inet_pton(AF_INET, server, &v4.sin_addr) == 1) {
        state->nsaddr_list[0] = v4;
        return 1;
    }
    struct sockaddr_in6 *v6 = calloc(1, sizeof *v6);
    if (v6 == NULL) return 0;
    // It is the resolver's from here on, and is freed with it. Family 0 says that the address stands there.
    state->_u._ext.nsaddrs[0] = v6;
    state->_u._ext.nscount = 1;
    memset(&state->nsaddr_list[0], 0, sizeof state->nsaddr_list[0]);
    v6->sin6_family = AF_INET6;
    v6->sin6_port = htons((uint16_t)port);
    return inet_pton(AF_INET6, server, &v6->sin6_addr) == 1;
}

/// Gives a record's value to the caller; 0 when it cannot be read.
static int give(const ns_msg *message, const ns_rr *rr, cresolv_record record, void *context) {
    const unsigned char *data = ns_rr_rdata(*rr);
    size_t length = ns_rr_rdlen(*rr);
    char text[65536];
    switch (ns_rr_type(*rr)) {
    case ns_t_a:
    case ns_t_aaaa: {
        int family = ns_rr_type(*rr) == ns_t_a ? AF_INET : AF_INET6;
        if (length != (family == AF_INET ? 4u : 16u)) return 0;
        if (inet_ntop(family, data, text, sizeof text) == NULL) return 0;
        break;
    }
    case ns_t_ns:
    case ns_t_cname:
        if (dn_expand(ns_msg_base(*message), ns_msg_end(*message), data, text, sizeof text) < 0) return 0;
        break;
    default: {
        // Parts of up to 255 bytes, each with its length before it.
        size_t end = 0;
        for (size_t at = 0; at < length;) {
            size_t part = data[at++];
            if (at + part > length) return 0;
            memcpy(text + end, data + at, part);
            end += part;
            at += part;
        }
        record(context, text, end);
        return 1;
    }
    }
    record(context, text, strlen(text));
    return 1;
}

static cresolv_result read_answer(
    const unsigned char *answer, int length, const char *name, int type, cresolv_record record, void *context) {
    ns_msg message;
    if (ns_initparse(answer, length, &message) != 0) return CRESOLV_STRANGE;
    switch (ns_msg_getflag(message, ns_f_rcode)) {
    case ns_r_noerror: break;
    case ns_r_nxdomain: return CRESOLV_NO_NAME;
    case ns_r_servfail: return CRESOLV_SERVER_FAILED;
    case ns_r_refused: return CRESOLV_REFUSED;
    default: return CRESOLV_STRANGE;
    }
    int found = 0;
    for (int i = 0; i < ns_msg_count(message, ns_s_an); i++) {
        ns_rr rr;
        if (ns_parserr(&message, ns_s_an, i, &rr) != 0) return CRESOLV_STRANGE;
        if ((int)ns_rr_type(rr) != type || ns_rr_class(rr) != ns_c_in) continue;
        if (strcasecmp(ns_rr_name(rr), name) != 0) continue;
        if (!give(&message, &rr, record, context)) return CRESOLV_STRANGE;
        found++;
    }
    return found > 0 ? CRESOLV_ANSWERED : CRESOLV_NO_DATA;
}

cresolv_result cresolv_ask(
    const char *name, int type, const char *server, int port, int recursive, int seconds, int tries,
    cresolv_record record, void *context) {
    struct __res_state state;
    memset(&state, 0, sizeof state);
    if (res_ninit(&state) != 0) return CRESOLV_IMPOSSIBLE;
    cresolv_result result = CRESOLV_IMPOSSIBLE;
    state.retrans = seconds;
    state.retry = tries;
    if (!recursive) state.options &= ~(unsigned long)RES_RECURSE;
    // Without it glibc takes SERVFAIL and REFUSED for silence.
    state.pfcode = 1;
    unsigned char question[NS_PACKETSZ];
    unsigned char *answer = malloc(NS_MAXMSG);
    if (answer != NULL && (server == NULL || use_server(&state, server, port))) {
        int asked = res_nmkquery(&state, ns_o_query, name, ns_c_in, type, NULL, 0, NULL, question, sizeof question);
        if (asked > 0) {
            int length = res_nsend(&state, question, asked, answer, NS_MAXMSG);
            result = length < 0 ? CRESOLV_SILENT : read_answer(answer, length, name, type, record, context);
        }
    }
    free(answer);
    res_nclose(&state);
    return result;
}
