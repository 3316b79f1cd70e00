import 'reflect-metadata';
import { runApi } from './api/run-api';
import { discoverDomains } from './discover-domains';

void runApi({ domains: discoverDomains() });
