// SPDX-License-Identifier: GPL-2.0-only
// The report: what is on the page, in which order.
#pragma once

#include <vector>

#include "report/collection.h"
#include "report/document.h"
#include "report/table.h"

namespace zc::bench {

// Figures are not drawn yet.
Document make_report(const Collection& collection);

// Its parts. Those without data return nothing, or a figure that says why.
std::vector<Block> streaming_figures(const Collection& collection);  // Figures 4 and 5
std::vector<Block> download_figures(const Collection& collection);   // Figure 3
std::vector<Block> rival_figures(const Collection& collection);
std::vector<Block> loan_figures(const Collection& collection);  // paper 000

std::vector<Block> paper_tables(const Collection& collection);  // then and now
std::vector<Block> bars_blocks(const Collection& collection);   // what was promised
std::vector<Block> clock_blocks(const Collection& collection);
std::vector<Block> tcp_blocks(const Collection& collection);
std::vector<Block> profile_blocks(const Collection& collection);  // Table 1
std::vector<Block> case_tables(const Collection& collection);
std::vector<Block> missing_table(const Collection& collection);  // void, impossible, unavailable
std::vector<Block> environment_blocks(const Collection& collection);

// A figure that nothing was measured for, with the command that would.
Block nothing(const std::string& id, const std::string& title, SuiteId suite);

}  // namespace zc::bench
