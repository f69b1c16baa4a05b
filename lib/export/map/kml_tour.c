/* SPDX-License-Identifier: Apache-2.0 */
/* The tour: a stop for each of the weightiest incidents, in the order of all tables. */
#include "base/own.h"
#include "export/map/kml_parts.h"

enum
{
    TOUR_STOPS = 60
};

static void put_balloon_update(struct nta_kml *kml, const char *id, bool is_shown)
{
    nta_buf_printf(&kml->text,
                   "<gx:AnimatedUpdate><Update><targetHref/><Change><Placemark targetId=\"%s\">"
                   "<gx:balloonVisibility>%d</gx:balloonVisibility></Placemark></Change></Update>"
                   "</gx:AnimatedUpdate>\n",
                   id, is_shown);
}

static void put_stop(struct nta_kml *kml, const struct nta_incident *incident, double lat,
                     double lon, bool is_area)
{
    char id[NTA_KML_ID_SIZE];

    nta_kml_id(incident, id);
    nta_buf_printf(&kml->text,
                   "<gx:FlyTo><gx:duration>4</gx:duration><gx:flyToMode>smooth</gx:flyToMode>"
                   "<LookAt><longitude>%.4f</longitude><latitude>%.4f</latitude>"
                   "<altitude>0</altitude><heading>0</heading><tilt>20</tilt><range>%d</range>"
                   "</LookAt></gx:FlyTo>\n",
                   lon, lat, is_area ? 4000000 : 1500000);
    put_balloon_update(kml, id, true);
    nta_buf_puts(&kml->text, "<gx:Wait><gx:duration>4</gx:duration></gx:Wait>\n");
    put_balloon_update(kml, id, false);
    nta_kml_flush(kml);
}

void nta_kml_tour(struct nta_kml *kml, size_t n_max)
{
    const struct nta_incidents *incidents = kml->view->incidents;
    const size_t n_all = incidents ? nta_incidents_count(incidents) : 0;
    const size_t n_stops = nta_smaller(n_max, TOUR_STOPS);
    size_t n = 0, n_drawn = 0;

    for (size_t i = 0; i < n_all && n_drawn < n_max && n < n_stops; i++) {
        const struct nta_incident *incident = nta_incidents_get(incidents, i);
        char id[NTA_INCIDENT_ID_SIZE];
        struct nta_record sample;
        double lat, lon;

        if (!incident->fits)
            continue;
        n_drawn++;
        nta_incident_sample(incidents, incident, &kml->view->buf, &sample, id);
        if (!nta_kml_position(&sample, &lat, &lon))
            continue;
        if (n++ == 0)
            nta_buf_puts(&kml->text,
                         "<gx:Tour><name>Tour through the incidents</name><gx:Playlist>\n");
        put_stop(kml, incident, lat, lon, nta_spot_kind(&sample.peer.place) != NTA_SPOT_POINT);
    }
    if (n)
        nta_buf_puts(&kml->text, "</gx:Playlist></gx:Tour>\n");
}
