#include "CCampaigns.h"
#include <string.h>

// Part of the binary, so that an installed `halite` is one file.
#pragma clang diagnostic ignored "-Wc23-extensions"
static const unsigned char drx_relax[] = {
#embed "data/lithium-drx-2024-relax.yaml"
};
static const unsigned char drx_static[] = {
#embed "data/lithium-drx-2024-static.yaml"
};
static const unsigned char mp_relax[] = {
#embed "data/mp-relax.yaml"
};
static const unsigned char gfn1_xtb[] = {
#embed "data/gfn1-xtb.yaml"
};
static const unsigned char ladder[] = {
#embed "data/repair.yaml"
};
static const unsigned char runner[] = {
#embed "data/label-gfn1-xtb.py"
};
static const unsigned char job[] = {
#embed "data/job.sh"
};
static const unsigned char array_job[] = {
#embed "data/array.sh"
};

static const unsigned char incar_tags[] = {
#embed "data/incar-tags.txt"
};

static const struct {
  const char *name;
  const unsigned char *start;
  size_t size;
} files[] = {
    {"lithium-drx-2024-relax.yaml", drx_relax, sizeof drx_relax},
    {"lithium-drx-2024-static.yaml", drx_static, sizeof drx_static},
    {"mp-relax.yaml", mp_relax, sizeof mp_relax},
    {"gfn1-xtb.yaml", gfn1_xtb, sizeof gfn1_xtb},
    {"repair.yaml", ladder, sizeof ladder},
    {"label-gfn1-xtb.py", runner, sizeof runner},
    {"incar-tags.txt", incar_tags, sizeof incar_tags},
    {"job.sh", job, sizeof job},
    {"array.sh", array_job, sizeof array_job},
};
static const char *const names[] = {"lithium-drx-2024-relax.yaml",
                                    "lithium-drx-2024-static.yaml",
                                    "mp-relax.yaml",
                                    "gfn1-xtb.yaml",
                                    "repair.yaml",
                                    "label-gfn1-xtb.py",
                                    "incar-tags.txt",
                                    "job.sh",
                                    "array.sh",
                                    NULL};

const unsigned char *halite_campaign_file(const char *name, size_t *size) {
  for (size_t i = 0; i < sizeof files / sizeof files[0]; i++) {
    if (strcmp(files[i].name, name) == 0) {
      *size = files[i].size;
      return files[i].start;
    }
  }
  return NULL;
}

const char *const *halite_campaign_file_names(void) { return names; }
